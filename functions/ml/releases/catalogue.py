"""Pipeline releases: one immutable id for everything that shapes an answer.

The catalogue is data. The id is the hash of the release's content with the model that answers, so a changed parameter
is another release, and the same content has the same id on every machine.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.errors import NotFound

_CATALOGUE = Path(__file__).with_name("catalogue.json")


class Part(BaseModel):
    """Immutable; a misspelt field is an error, because it would change nothing silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ChunkerChoice(Part):
    """A strategy of cutting with its parameters."""

    strategy: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class IndexChoice(Part):
    """The version of the index settings (analysers, mappings)."""

    settings: str


class RankerChoice(Part):
    """How the two rankings are merged.

    Attributes:
        dense_weight: share of the vector's score, in [0, 1].
        candidates: length of each ranking that is merged.
    """

    dense_weight: float = Field(ge=0, le=1)
    candidates: int = Field(ge=1)


class AnswerChoice(Part):
    """How answers are written and checked.

    Attributes:
        passages: how many are given to the generator.
        extractive: fields of `ExtractiveParameters` that differ from their defaults.
        grounding: fields of `GroundingParameters` that differ from their defaults.
    """

    passages: int = Field(default=10, ge=1, le=50)
    extractive: dict[str, float | int] = Field(default_factory=dict)
    grounding: dict[str, float | int] = Field(default_factory=dict)


class PipelineRelease(Part):
    """Everything that shapes an answer."""

    name: str
    description: str
    parser: str
    chunker: ChunkerChoice
    embedder: str
    index: IndexChoice
    ranker: RankerChoice
    prompt: str
    answer: AnswerChoice
    guardrails: str
    model: str = "extractive"

    @property
    def release_id(self) -> str:
        """`rel_` and the first 16 hex digits of the SHA-256 of the content; the description does not count."""
        content = self.model_dump(mode="json", exclude={"description"})
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"rel_{hashlib.sha256(canonical.encode()).hexdigest()[:16]}"


class Releases:
    """The releases that can be chosen.

    Args:
        catalogue: the named releases.
        answer_model: the model of this installation, which belongs to every release.
        default: the name of the default.

    Raises:
        NotFound: the default is not in the catalogue.
    """

    def __init__(self, catalogue: Sequence[PipelineRelease], answer_model: str, default: str) -> None:
        self._all = tuple(release.model_copy(update={"model": answer_model}) for release in catalogue)
        self.default = self.by_name(default)

    @property
    def all(self) -> tuple[PipelineRelease, ...]:
        """The releases in the catalogue's order."""
        return self._all

    def by_name(self, name: str) -> PipelineRelease:
        """Return the release of this name. Raises NotFound with the names that exist."""
        for release in self._all:
            if release.name == name:
                return release
        raise NotFound(f"There is no release {name!r}. Choose one of: {self._names()}.", code="unknown_release")

    def by_id(self, release_id: str) -> PipelineRelease:
        """Return the release of this id. Raises NotFound with the names that exist."""
        for release in self._all:
            if release.release_id == release_id:
                return release
        raise NotFound(
            f"There is no release {release_id!r} any more. Choose one of: {self._names()}.", code="unknown_release"
        )

    def _names(self) -> str:
        return ", ".join(release.name for release in self._all)


@cache
def load_catalogue(path: Path = _CATALOGUE) -> tuple[PipelineRelease, ...]:
    """Read the releases from JSON, once."""
    return tuple(PipelineRelease.model_validate(item) for item in json.loads(path.read_text("utf-8"))["releases"])


def load_releases(answer_model: str, default: str) -> Releases:
    """Return the committed catalogue with this installation's model. Raises NotFound on an unknown default."""
    return Releases(load_catalogue(), answer_model, default)
