"""Pipeline releases: one immutable id for everything that shapes an answer.

The catalogue is data: releases, and ways to cut that each of them can be combined with. The id is a hash of the
release's content with the model that answers, so a changed parameter is another release, and the same content has the
same id on every machine.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
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


class Chunking(Part):
    """A way to cut that a knowledge base can choose by name.

    Attributes:
        name: stays what it is; the parameters behind it may change, and then its releases have other ids.
        description: for people who choose.
    """

    name: str
    description: str
    chunker: ChunkerChoice


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
        trust_in_words: `evidence`: how fast that weight falls with the share of the question's words that is found.
        phrase_weight: `evidence`: weight of neighbouring words that stand near each other.
        spot_weight: `evidence`: weight of the question's words that stand together in one spot.
        languages: what the embedder knows, ISO 639-1; empty for every language.
        candidates: length of each ranking that is merged.
        floor_cosine: read no more (`AnswerChoice.gate` judges); releases that were kept before still name it.
    """

    method: Literal["evidence", "convex", "reciprocal"] = "convex"
    dense_weight: float = Field(ge=0, le=10)
    trust_in_words: float = Field(default=0.0, ge=0, le=10)
    phrase_weight: float = Field(default=0.0, ge=0, le=10)
    spot_weight: float = Field(default=0.0, ge=0, le=10)
    languages: tuple[str, ...] = ()
    candidates: int = Field(ge=1)
    floor_cosine: float = Field(default=0.0, ge=0, le=1)


class AnswerChoice(Part):
    """How answers are written and checked.

    Attributes:
        passages: how many are given to the generator.
        noise_passages: how many of those behind them tell what a passage about something else scores.
        extractive: fields of `ExtractiveParameters` that differ from their defaults.
        grounding: fields of `GroundingParameters` that differ from their defaults.
        gate: fields of `GateParameters` that differ from their defaults: when to refuse, as it was calibrated.
    """

    passages: int = Field(default=10, ge=1, le=50)
    noise_passages: int = Field(default=40, ge=0, le=50)
    extractive: dict[str, float | int] = Field(default_factory=dict)
    grounding: dict[str, float | int] = Field(default_factory=dict)
    gate: dict[str, float | int | dict[str, float]] = Field(default_factory=dict)


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
    """The releases that can be chosen: those of the catalogue, and each of them with another way to cut.

    Args:
        catalogue: the named releases.
        answer_model: the model of this installation, which belongs to every release.
        default: the name of the default.
        chunkings: the ways to cut that a release can be combined with.

    Raises:
        NotFound: the default is not in the catalogue.
    """

    def __init__(
        self, catalogue: Sequence[ReleaseSpec], answer_model: str, default: str, chunkings: Sequence[Chunking] = ()
    ) -> None:
        self._all = tuple(release.model_copy(update={"model": answer_model}) for release in catalogue)
        self.chunkings = tuple(chunkings)
        combined = [self._combined(release, chunking) for release in self._all for chunking in chunkings]
        self._by_id = {release.release_id: release for release in (*self._all, *combined)}
        self.default = self.by_name(default)

    @property
    def all(self) -> tuple[ReleaseSpec, ...]:
        """The releases of the catalogue in its order."""
        return self._all

    @property
    def every(self) -> Mapping[str, ReleaseSpec]:
        """The releases by id, those with another way to cut among them."""
        return self._by_id

    def by_name(self, name: str) -> ReleaseSpec:
        """Return the release of this name. Raises NotFound with the names that exist."""
        for release in self._all:
            if release.name == name:
                return release
        raise NotFound(f"There is no release {name!r}. Choose one of: {self._names()}.", code="unknown_release")

    def with_chunking(self, release: ReleaseSpec, name: str) -> ReleaseSpec:
        """Return the release that differs from this one in nothing but how documents are cut.

        Raises:
            NotFound: there is no way to cut of this name; names those that exist.
        """
        for chunking in self.chunkings:
            if chunking.name == name:
                return self._combined(release, chunking)
        known = ", ".join(chunking.name for chunking in self.chunkings)
        raise NotFound(f"There is no chunking strategy {name!r}. Choose one of: {known}.", code="unknown_chunking")

    def chunking_of(self, release: ReleaseSpec) -> str:
        """Return the name of a release's way to cut, the strategy's own where the catalogue does not have it."""
        names = [chunking.name for chunking in self.chunkings if chunking.chunker == release.chunker]
        return names[0] if names else release.chunker.strategy

    @staticmethod
    def _combined(release: ReleaseSpec, chunking: Chunking) -> ReleaseSpec:
        return release.model_copy(update={"chunker": chunking.chunker})

    def by_id(self, release_id: str) -> ReleaseSpec:
        """Return the release of this id, or the one that reads documents in the same way.

        Another answer model or prompt makes another id, and the documents that were read under the old one stay
        usable: the first half of the id says how they were read.

        Raises:
            NotFound: no release here reads documents so; names those that exist.
        """
        if release_id in self._by_id:
            return self._by_id[release_id]
        for release in self._by_id.values():
            if release_id.startswith(f"rel_{release.reading_id}"):
                return release
        raise NotFound(
            f"There is no release {release_id!r} any more. Choose one of: {self._names()}.", code="unknown_release"
        )

    def _names(self) -> str:
        return ", ".join(release.name for release in self._all)


@cache
def load_chunkings(path: Path = _CATALOGUE) -> tuple[Chunking, ...]:
    """Read the ways to cut from JSON, once."""
    return tuple(Chunking.model_validate(item) for item in json.loads(path.read_text("utf-8"))["chunkings"])


@cache
def load_catalogue(path: Path = _CATALOGUE) -> tuple[ReleaseSpec, ...]:
    """Read the releases from JSON, once; each names its way to cut."""
    chunkers = {chunking.name: chunking.chunker for chunking in load_chunkings(path)}
    items: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["releases"]
    return tuple(ReleaseSpec.model_validate(_with_chunker(item, chunkers)) for item in items)


def _with_chunker(item: dict[str, Any], chunkers: Mapping[str, ChunkerChoice]) -> dict[str, Any]:
    content = {name: value for name, value in item.items() if name != "chunking"}
    return {**content, "chunker": chunkers[item["chunking"]]}


def load_releases(answer_model: str, default: str) -> Releases:
    """Return the committed catalogue with this installation's model. Raises NotFound on an unknown default."""
    return Releases(load_catalogue(), answer_model, default, load_chunkings())
