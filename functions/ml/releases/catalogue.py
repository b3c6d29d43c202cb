"""Pipeline releases: one immutable id for everything that shapes an answer.

The catalogue is data. The id is a hash of the release's content with the model that answers, so a changed parameter is
another release, and the same content has the same id on every machine.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

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
        method: `evidence` (weights follow from each question's lists), `convex` (a fixed share, which is what releases
            without this field had) or `reciprocal` (ranks alone).
        dense_weight: `convex`: share of the vector's score, in [0, 1]; `evidence`: weight of the vector where none of
            the question's words is found.
        phrase_weight: `evidence`: weight of neighbouring words that stand near each other.
        languages: what the embedder knows, ISO 639-1; empty for every language.
        candidates: length of each ranking that is merged.
        floor_cosine: below it a passage is about something else; the scale is the embedder's own. 0 judges nothing.
    """

    method: Literal["evidence", "convex", "reciprocal"] = "convex"
    dense_weight: float = Field(ge=0, le=10)
    phrase_weight: float = Field(default=0.0, ge=0, le=10)
    languages: tuple[str, ...] = ()
    candidates: int = Field(ge=1)
    floor_cosine: float = Field(default=0.0, ge=0, le=1)


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


class ReleaseSpec(Part):
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
    def reading_id(self) -> str:
        """The first half of the id: the hash of what shapes the chunks and vectors of a document."""
        return _digest(self.model_dump(mode="json", include={"parser", "chunker", "embedder", "index"}))

    @property
    def release_id(self) -> str:
        """`rel_` and 16 hex digits: 8 of SHA-256 of what shapes the index, 8 of the whole but for the description."""
        return f"rel_{self.reading_id}{_digest(self.model_dump(mode='json', exclude={'description'}))}"


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


class Releases:
    """The releases that can be chosen.

    Args:
        catalogue: the named releases.
        answer_model: the model of this installation, which belongs to every release.
        default: the name of the default.

    Raises:
        NotFound: the default is not in the catalogue.
    """

    def __init__(self, catalogue: Sequence[ReleaseSpec], answer_model: str, default: str) -> None:
        self._all = tuple(release.model_copy(update={"model": answer_model}) for release in catalogue)
        self.default = self.by_name(default)

    @property
    def all(self) -> tuple[ReleaseSpec, ...]:
        """The releases in the catalogue's order."""
        return self._all

    def by_name(self, name: str) -> ReleaseSpec:
        """Return the release of this name. Raises NotFound with the names that exist."""
        for release in self._all:
            if release.name == name:
                return release
        raise NotFound(f"There is no release {name!r}. Choose one of: {self._names()}.", code="unknown_release")

    def by_id(self, release_id: str) -> ReleaseSpec:
        """Return the release of this id, or the one that reads documents in the same way.

        Another answer model or prompt makes another id, and the documents that were read under the old one stay
        usable: the first half of the id says how they were read.

        Raises:
            NotFound: no release here reads documents so; names those that exist.
        """
        same_reading = [release for release in self._all if release_id.startswith(f"rel_{release.reading_id}")]
        for release in same_reading:
            if release.release_id == release_id:
                return release
        if same_reading:
            return same_reading[0]
        raise NotFound(
            f"There is no release {release_id!r} any more. Choose one of: {self._names()}.", code="unknown_release"
        )

    def _names(self) -> str:
        return ", ".join(release.name for release in self._all)


@cache
def load_catalogue(path: Path = _CATALOGUE) -> tuple[ReleaseSpec, ...]:
    """Read the releases from JSON, once."""
    return tuple(ReleaseSpec.model_validate(item) for item in json.loads(path.read_text("utf-8"))["releases"])


def load_releases(answer_model: str, default: str) -> Releases:
    """Return the committed catalogue with this installation's model. Raises NotFound on an unknown default."""
    return Releases(load_catalogue(), answer_model, default)
