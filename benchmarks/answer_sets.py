"""Data sets of questions with what answers them, each as a knowledge base that is searched as the product does."""

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from functions.ml.adapters.sqlite_index import SqliteIndex
from functions.ml.documents import Chunk, IndexedChunk
from functions.ml.ports import Candidates, Embedder, Hit, Passage, Scope, Turn
from functions.ml.releases.catalogue import ReleaseSpec
from functions.ml.retrieval.rankers import ranker_of
from shared.contracts.documents import Place

SCOPE = Scope("bench", ("kb",), ("everybody",))
BULK = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer.

    Attributes:
        answers: spans of which one must be quoted; empty when none is known.
        right: ids of the passages that answer it.
        label: the set's own word on whether, or how, it can be answered; empty when the set says nothing.
    """

    question_id: str
    text: str
    answers: tuple[str, ...]
    right: frozenset[str]
    label: str
    history: tuple[Turn, ...]


class AnswerSet:
    """One folder: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.passages = {
            row["_id"]: (str(row.get("title", "")), str(row["text"])) for row in rows(folder, "corpus.jsonl")
        }
        right: dict[str, set[str]] = {}
        for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
            question, passage, grade = line.split("\t")
            if int(grade) > 0:
                right.setdefault(question, set()).add(passage)
        self.questions = [
            question_of(row, frozenset(right.get(row["_id"], ()))) for row in rows(folder, "queries.jsonl")
        ]


def question_of(row: dict[str, Any], right: frozenset[str]) -> Question:
    """Read one line of `queries.jsonl`."""
    answer = row.get("answer", [])
    answers = tuple(str(one) for one in (answer if isinstance(answer, list) else [answer]))
    history = tuple(Turn(turn["role"], turn["text"]) for turn in row.get("history", ()))
    label = str(row.get("answerability", row.get("label", row.get("answer_type", ""))))
    return Question(row["_id"], row["text"], answers, right, label, history)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read JSON lines, packed or not."""
    packed = folder / f"{name}.gz"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else (folder / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


class KeptVectors:
    """An embedder that keeps what it made in a file, so that a run after a change is quick.

    Args:
        embedder: makes what is not kept yet.
        path: where the vectors of questions are kept.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder, self._path = embedder, path
        self._kept: dict[str, Any] = {}
        if path.exists():
            with np.load(path, allow_pickle=False) as found:
                self._kept = dict(zip(found["texts"].tolist(), found["vectors"], strict=True))

    def of(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Return the vectors of questions; writes the whole file when any is new, so ask for many at once."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if missing:
            made = self._embedder.embed(missing, purpose="query")
            self._kept |= {text: np.array(vector, dtype="f4") for text, vector in zip(missing, made, strict=True)}
            np.savez(self._path, texts=np.array(list(self._kept)), vectors=np.array(list(self._kept.values())))
        return [tuple(self._kept[text].tolist()) for text in texts]


class KnowledgeBase:
    """A set's passages in the embedded index, searched and ranked as a release says.

    Args:
        data: the passages.
        vectors: one per passage, in order.
        release: ranks and cuts.
    """

    def __init__(self, data: AnswerSet, vectors: Any, release: ReleaseSpec) -> None:
        self.data, self._vectors, self._release = data, vectors, release
        self._folder = tempfile.TemporaryDirectory()
        self._ranker = ranker_of(release.ranker)

    @cached_property
    def index(self) -> SqliteIndex:
        """The filled index."""
        index, bulk = SqliteIndex(Path(self._folder.name)), []
        for one in self._chunks():
            bulk.append(one)
            if len(bulk) == BULK:
                index.upsert(bulk)
                bulk = []
        index.upsert(bulk)
        return index

    def _chunks(self) -> Iterator[IndexedChunk]:
        for (key, (title, text)), vector in zip(self.data.passages.items(), self._vectors, strict=True):
            passage = Chunk(ordinal=0, text=text, kind="text", place=Place(end=len(text)), context=title)
            yield IndexedChunk(
                key, "bench", "kb", key, 1, "release", ("everybody",), "", passage, tuple(vector.tolist())
            )

    def candidates(self, text: str, vector: tuple[float, ...]) -> Candidates:
        """Search by words and by vector."""
        return self.index.search(SCOPE, text=text, vector=vector, limit=self._release.ranker.candidates)

    def passages(self, text: str, found: Candidates, without: frozenset[str] = frozenset()) -> tuple[Passage, ...]:
        """Rank what was found, some of it taken away, as the generator gets it."""
        if without:
            found = Candidates(_left(found.lexical, without), _left(found.dense, without))
        cosines = {hit.indexed.chunk_id: hit.score for hit in found.dense}
        limit = self._release.answer.passages + self._release.answer.noise_passages
        ranked = self._ranker(text, found, limit=limit)
        ranked = [replace(hit, dense=cosines.get(hit.indexed.chunk_id, 0.0)) for hit in ranked]
        return tuple(
            Passage(
                n=n, text=hit.indexed.chunk.text, source=hit.indexed.chunk_id, kind=hit.indexed.chunk.kind,
                score=hit.score, context=hit.indexed.chunk.context, lexical=hit.lexical, dense=hit.dense,
            )
            for n, hit in enumerate(ranked, 1)
        )  # fmt: skip


def _left(hits: Sequence[Hit], without: frozenset[str]) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.indexed.chunk_id not in without)
