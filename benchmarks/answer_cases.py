"""Labelled questions: asked of documents that answer them, and of documents that do not.

A question that no document answers comes from a data set that says so (`mtrag_un`, claims of `scifact` without
evidence), from asking about one half of a set's topics in the other half, from asking one set's questions of another
set, and, hardest, from taking the passage away that answers and leaving its neighbours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.answer_sets import AnswerSet, KeptVectors, KnowledgeBase, Question
from functions.ml.answering.followup import search_text
from functions.ml.answering.gate import judged_text
from functions.ml.ports import Embedder, Passage
from functions.ml.releases.catalogue import ReleaseSpec

XQUAD = ("xquad_en", "xquad_de", "xquad_ar", "xquad_zh")
SETS = (*XQUAD, "scifact", "mtrag_un", "chunking", "tatqa_dev")


@dataclass(frozen=True, slots=True)
class Case:
    """One question asked of one knowledge base.

    Attributes:
        source: the set, for a question of another language `<its set> of <the set>`.
        kind: `own`, or how it was made unanswerable.
        text: what is searched for, complete in itself.
        judged: what the passages are judged by.
        passages: what would be read.
        further: cosines of what was found behind them.
    """

    source: str
    kind: str
    question: Question
    text: str
    judged: str
    passages: tuple[Passage, ...]
    further: tuple[float, ...]

    @property
    def is_answerable(self) -> bool:
        """The knowledge base holds the answer."""
        return self.kind == "own"


class Cases:
    """Makes the cases of one release.

    Args:
        data: folder of data sets.
        vectors: folder of `<set>.npz` with `corpus`; vectors of questions are kept in it too.
        release: what is measured.
        embedder: the release's.
        sets: which of `SETS` take part.
    """

    def __init__(
        self, data: Path, vectors: Path, release: ReleaseSpec, embedder: Embedder, sets: tuple[str, ...] = SETS
    ) -> None:
        self.release, self.embedder, self._folder = release, embedder, vectors
        self.sets = {name: AnswerSet(data / name) for name in sets}
        self._bases = {name: self._base(one) for name, one in self.sets.items()}
        self._vectors = KeptVectors(embedder, vectors / "answer_questions.npz")

    def _base(self, data: AnswerSet) -> KnowledgeBase:
        path = self._folder / f"{data.name}.npz"
        if path.exists():
            with np.load(path) as found:
                return KnowledgeBase(data, found["corpus"], self.release)
        texts = [f"{title}\n{text}".strip() for title, text in data.passages.values()]
        made = np.array(self.embedder.embed(texts, purpose="passage"), dtype="f4")
        np.savez(path, corpus=made)
        return KnowledgeBase(data, made, self.release)

    def asked(
        self, source: str, kind: str, question: Question, base: str, without: frozenset[str] = frozenset()
    ) -> Case:
        """Ask one question."""
        text = search_text(question.text, question.history)
        knowledge_base = self._bases[base]
        found = knowledge_base.candidates(text, self._vectors.of([text])[0])
        passages = knowledge_base.passages(text, found, without)
        read = self.release.answer.passages
        further = tuple(one.dense for one in passages[read:])
        return Case(source, kind, question, text, judged_text(question.text, text), passages[:read], further)

    def every(self) -> Iterator[Case]:
        """Yield all cases; of large sets every second or fourth question."""
        for data in self.sets.values():
            self._vectors.of([search_text(question.text, question.history) for question in data.questions])
        yield from self._languages()
        yield from self._across_languages()
        yield from self._others()
        if "scifact" in self.sets:
            yield from self._claims()
        if "mtrag_un" in self.sets:
            yield from self._conversations()

    def _halves(self, name: str) -> Callable[[Question], frozenset[str]]:
        """Tell which passages lie in the half of the topics that a question is about."""
        titles = {key: title for key, (title, _) in self.sets[name].passages.items()}
        half = {title: place % 2 for place, title in enumerate(sorted(set(titles.values())))}
        groups = [frozenset(key for key, title in titles.items() if half[title] == group) for group in (0, 1)]
        return lambda question: groups[half[titles[next(iter(question.right))]]]

    def _languages(self) -> Iterator[Case]:
        for name in XQUAD:
            own_half = self._halves(name)
            for place, question in enumerate(self.sets[name].questions[::2]):
                yield self.asked(name, "own", question, name)
                yield self.asked(name, "other topics", question, name, own_half(question))
                if place % 2 == 0:
                    yield self.asked(name, "passage taken away", question, name, question.right)
                if place % 4 == 0:
                    for other in sorted({"chunking", "mtrag_un", "scifact"} & self.sets.keys()):
                        yield self.asked(name, "another set", question, other)

    def _across_languages(self) -> Iterator[Case]:
        own_half = self._halves("xquad_en")
        for name in XQUAD[1:]:
            for question in self.sets[name].questions[::4]:
                yield self.asked(f"{name} of xquad_en", "own", question, "xquad_en")
                yield self.asked(f"{name} of xquad_en", "other topics", question, "xquad_en", own_half(question))

    def _claims(self) -> Iterator[Case]:
        for place, claim in enumerate(self.sets["scifact"].questions):
            yield self.asked("scifact", "no evidence" if claim.label == "NOT_ENOUGH_INFO" else "own", claim, "scifact")
            if place % 2 == 0:
                yield self.asked("scifact", "another set", claim, "xquad_en")

    def _conversations(self) -> Iterator[Case]:
        kinds = {"ANSWERABLE": "own", "UNANSWERABLE": "unanswerable"}
        for question in self.sets["mtrag_un"].questions:
            if question.label in kinds:
                yield self.asked("mtrag_un", kinds[question.label], question, "mtrag_un")

    def _others(self) -> Iterator[Case]:
        for name, step in (("chunking", 1), ("tatqa_dev", 4)):
            for question in self.sets[name].questions[::step]:
                yield self.asked(name, "own", question, name)
                yield self.asked(name, "another set", question, "xquad_en")
