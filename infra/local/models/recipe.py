"""What each local model is made of: pinned packages in, pinned files out (`catalogue.json`)."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from infra.local.models.errors import ModelSetupFailed

CATALOGUE = Path(__file__).with_name("catalogue.json")


class BuiltFile(BaseModel):
    """A file of a finished model."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    size_bytes: int


class Recipe(BaseModel):
    """One model: where it comes from and what the build must give.

    Attributes:
        model: the name that its authors gave it.
        wheel: file name of the package; `wheel_sha256` and `wheel_bytes` pin it.
        sources: sha256 by path inside the wheel.
        prefixes: what the model expects before a query and before a passage.
        files: what a build gives, byte for byte. Whoever changes the build pins the new digests here, and with them
            the model's id changes, so that no vector of the old build is taken for one of the new.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    license: str
    package: str
    version: str
    wheel: str
    wheel_sha256: str
    wheel_bytes: int
    sources: Mapping[str, str]
    dimensions: int
    max_tokens: int
    prefixes: Mapping[Literal["query", "passage"], str]
    files: Mapping[str, BuiltFile]

    @property
    def digest(self) -> str:
        """Twelve hex digits of the files, limit and prefixes: whatever changes a vector changes it."""
        pinned = self.model_dump(mode="json", include={"files", "max_tokens", "prefixes"})
        return hashlib.sha256(json.dumps(pinned, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def model_id(self) -> str:
        """The model and its build; the same id gives the same vector for the same text."""
        return f"{self.model}-{self.digest}"

    @property
    def built_bytes(self) -> int:
        """Size of the finished files."""
        return sum(file.size_bytes for file in self.files.values())

    def description(self, name: str) -> str:
        """Return the content of `model.json`, all that the embedder needs to know at run time."""
        content = {
            "name": name,
            "model_id": self.model_id,
            **self.model_dump(mode="json", include={"dimensions", "max_tokens", "prefixes", "license", "files"}),
        }
        return json.dumps(content, indent=2, sort_keys=True) + "\n"


def recipes() -> dict[str, Recipe]:
    """Return every model of the catalogue by the name that people use."""
    return {name: Recipe.model_validate(entry) for name, entry in json.loads(CATALOGUE.read_text("utf-8")).items()}


def recipe_named(name: str) -> Recipe:
    """Return one recipe.

    Raises:
        ModelSetupFailed: there is no model of that name.
    """
    known = recipes()
    if name not in known:
        raise ModelSetupFailed(f"There is no local model named {name!r}; one of {', '.join(known)}.")
    return known[name]
