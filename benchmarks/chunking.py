"""Compare the ways to cut by how well chunks, and what a search finds of them, hold known passages.

    python -m benchmarks.chunking --data <folder with docs/ and queries.jsonl> [--embedder multilingual]

As in Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval" (Chroma, 2024), over characters that are not
space. For a question with reference passages R and retrieved chunks C: recall is the share of R that stands in C,
precision the share of C that is R (what two chunks repeat counts twice in C), IoU what both share by all that either
holds. `all` retrieves every chunk that touches R: it needs no search, and its recall is 1 where nothing is lost. `@5`
and `@10` are searches among the chunks of all documents together, by BM25 alone, or by BM25 and cosine in equal parts.
"""

import argparse
import json
import math
import random
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.recursive_splitter import overlapping, recursive
from functions.ml.documents import Chunk
from functions.ml.ingestion.chunking import STRATEGIES, chunker_for
from functions.ml.ingestion.parsing.formats import plain
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import Block, ParsedDocument
from functions.ml.ports import Embedder
from functions.ml.retrieval.tokens import document_tokens, query_tokens

Span = tuple[int, int]
Figures = tuple[float, float, float]
Cut = Callable[["Source"], list[tuple[Span, str]]]
_K1, _B = 1.5, 0.75
_CANDIDATES = 100
_RESAMPLED = 2_000
_COMPARED = ("structure", "recursive 800")


@dataclass(frozen=True)
class Source:
    """One document: its text, and where its characters stand among those that are not space."""

    name: str
    document: ParsedDocument
    text: str
    ink: list[int]


@dataclass(frozen=True)
class Question:
    """A question with its references among the characters of its document that are not space."""

    text: str
    document: str
    references: list[Span]


@dataclass
class Cutting:
    """One way to cut: the chunks of all documents together, with what is searched of them."""

    documents: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def main() -> None:
    """Print a line per way to cut, and how sure the difference between the two that compete is."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--embedder", choices=("multilingual", "fast-english"))
    arguments.add_argument("--only", nargs="+", help="these ways to cut")
    chosen = arguments.parse_args()
    sources, questions = load(chosen.data)
    found: dict[str, dict[str, list[Figures]]] = {}
    with TemporaryDirectory() as folder:
        embedder = local_embedder(Path(folder), chosen.embedder) if chosen.embedder else None
        for name, cut in ways().items():
            if chosen.only and name not in chosen.only:
                continue
            cutting = cut_all(sources, cut)
            found[name] = measure(cutting, questions, embedder)
            print_line(name, cutting, found[name])
    if set(_COMPARED) <= set(found):
        print_difference(found)
    print_speed()


def local_embedder(folder: Path, name: str) -> Embedder:
    """Install a local model and load it."""
    from functions.ml.adapters.onnx_embedder import OnnxEmbedder
    from infra.local.models.wanted import install_model

    install_model(name, folder, on_progress=print)
    return OnnxEmbedder(folder, name, 1)


def ways() -> dict[str, Cut]:
    """Return what is compared, by name: the recursive splitter at several sizes, and every strategy."""
    found: dict[str, Cut] = {}
    for size in (400, 600, 800, 1000, 1600):
        found[f"recursive {size}"] = lambda source, size=size: [(span, "") for span in recursive(source.text, size)]  # type: ignore[misc]
    found["recursive 1000, overlap 200"] = lambda source: [(span, "") for span in overlapping(source.text, 1000, 200)]
    for strategy in STRATEGIES:
        found[strategy] = lambda source, strategy=strategy: spans(chunker_for(strategy, {})(source.document))  # type: ignore[misc]
    return found


def spans(chunks: Sequence[Chunk]) -> list[tuple[Span, str]]:
    """Return where chunks stand, and the context that is searched with each."""
    return [((chunk.place.start, chunk.place.end), chunk.context) for chunk in chunks]


def load(folder: Path) -> tuple[list[Source], list[Question]]:
    """Read the documents and the questions; those whose references have no ink are left out."""
    sources, raw_ink = [], {}
    for path in sorted((folder / "docs").glob("*.md")):
        raw = path.read_text(encoding="utf-8")
        document = plain.parse(path, ParserLimits())
        text = full_text(document).text
        if "".join(text.split()) != "".join(raw.split()):
            raise SystemExit(f"{path.name}: the parsed text has other characters than the file")
        sources.append(Source(path.stem, document, text, ink_positions(text)))
        raw_ink[path.stem] = ink_positions(raw)
    questions = []
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        references = [ink_span(raw_ink[row["doc"]], (one["start"], one["end"])) for one in row["references"]]
        questions.append(Question(row["text"], row["doc"], [span for span in references if span[0] < span[1]]))
    return sources, [question for question in questions if question.references]


def cut_all(sources: Sequence[Source], cut: Cut) -> Cutting:
    """Cut every document."""
    made = Cutting()
    for source in sources:
        for (start, end), context in cut(source):
            made.documents.append(source.name)
            made.spans.append(ink_span(source.ink, (start, end)))
            made.texts.append(f"{context}\n{source.text[start:end]}".strip())
    return made


def measure(cutting: Cutting, questions: Sequence[Question], embedder: Embedder | None) -> dict[str, list[Figures]]:
    """Return recall, precision and IoU of each question, by how the chunks were retrieved."""
    lexical = bm25(cutting.texts)
    vectors = np.array(embedder.embed(cutting.texts, purpose="passage")) if embedder else None
    found: dict[str, list[Figures]] = defaultdict(list)
    for question in questions:
        touching = [
            index
            for index, (document, span) in enumerate(zip(cutting.documents, cutting.spans, strict=True))
            if document == question.document and any(shared(span, one) for one in question.references)
        ]
        found["all"].append(figures(cutting, question, touching))
        words = lexical(question.text)
        rankings = {"bm25": words}
        if embedder is not None and vectors is not None:
            cosines = vectors @ np.array(embedder.embed([question.text], purpose="query")[0])
            rankings["hybrid"] = scaled(words) + scaled(cosines)
        for name, scores in rankings.items():
            best = np.argsort(-scores, kind="stable")[:10].tolist()
            for depth in (5, 10):
                found[f"{name}@{depth}"].append(figures(cutting, question, best[:depth]))
    return found


def figures(cutting: Cutting, question: Question, chosen: Sequence[int]) -> Figures:
    """Return recall, precision and IoU of some chunks for one question."""
    gold = {place for start, end in question.references for place in range(start, end)}
    held: set[int] = set()
    retrieved = 0
    for index in chosen:
        start, end = cutting.spans[index]
        retrieved += end - start
        if cutting.documents[index] == question.document:
            held.update(place for place in gold if start <= place < end)
    return len(held) / len(gold), len(held) / max(retrieved, 1), len(held) / (retrieved + len(gold) - len(held))


def bm25(texts: Sequence[str]) -> Callable[[str], np.ndarray]:
    """Return what scores all texts for a query, by BM25 with Lucene's idf over the product's own tokens."""
    counts = [Counter(document_tokens(text)) for text in texts]
    lengths = np.array([count.total() for count in counts])
    damp = _K1 * (1 - _B + _B * lengths / lengths.mean())
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, count in enumerate(counts):
        for token, times in count.items():
            postings[token].append((index, times))

    def score(query: str) -> np.ndarray:
        scores = np.zeros(len(texts))
        for token in query_tokens(query):
            held = postings.get(token, [])
            idf = math.log(1 + (len(texts) - len(held) + 0.5) / (len(held) + 0.5))
            for index, times in held:
                scores[index] += idf * times * (_K1 + 1) / (times + damp[index])
        return scores

    return score


def scaled(scores: np.ndarray) -> np.ndarray:
    """Bring the best scores to [0, 1] and leave the others at 0, as the product's fusion does."""
    best = np.argsort(-scores, kind="stable")[:_CANDIDATES]
    low, high = scores[best].min(), scores[best].max()
    found = np.zeros(len(scores))
    found[best] = (scores[best] - low) / (high - low) if high > low else 1.0
    return found


def print_line(name: str, cutting: Cutting, found: Mapping[str, Sequence[Figures]]) -> None:
    """Print chunks, their mean size, and recall, precision and IoU of each retrieval."""
    sizes = mean(end - start for start, end in cutting.spans)
    told = "  ".join(
        f"{kind} {' '.join(f'{mean(row[n] for row in rows):.3f}' for n in range(3))}" for kind, rows in found.items()
    )
    print(f"{name:<28}{len(cutting.spans):>6}{sizes:>6.0f}  {told}", flush=True)


def print_difference(found: Mapping[str, Mapping[str, Sequence[Figures]]]) -> None:
    """Print the default's difference to the recursive splitter of its own size, with a paired bootstrap interval."""
    ours, theirs = (found[name] for name in _COMPARED)
    print(f"{_COMPARED[0]} minus {_COMPARED[1]}, with 95 % of {_RESAMPLED} resamplings of the questions:")
    for kind, rows in ours.items():
        for number, measure_name in ((0, "recall"), (2, "IoU")):
            pairs = [one[number] - other[number] for one, other in zip(rows, theirs[kind], strict=True)]
            chance = random.Random(7)
            means = sorted(mean(chance.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLED))
            low, high = means[_RESAMPLED // 40], means[-_RESAMPLED // 40]
            print(f"  {kind:<10} {measure_name:<7} {mean(pairs):+.4f}  [{low:+.4f}, {high:+.4f}]")


def print_speed() -> None:
    """Print the processor time that each strategy takes for 50 pages, and for a megabyte without an end."""
    sentence = "The committee met in the autumn and agreed on the plan for the next year. "
    pages = [Block("paragraph", sentence * 10, page=page) for page in range(1, 51) for _ in range(4)]
    book = ParsedDocument(tuple(pages), pages=50, unit="page")
    line = ParsedDocument((Block("paragraph", "words without an end " * 50_000),), pages=1, unit="section")
    for strategy in STRATEGIES:
        spent = []
        for document in (book, line):
            started = time.process_time()
            chunker_for(strategy, {})(document)
            spent.append((time.process_time() - started) * 1000)
        print(f"{strategy:<28}50 pages {spent[0]:.0f} ms, 1 MB on one line {spent[1]:.0f} ms of processor time")


def ink_positions(text: str) -> list[int]:
    """Return the positions of the characters that are not space."""
    return [index for index, character in enumerate(text) if not character.isspace()]


def ink_span(places: Sequence[int], span: Span) -> Span:
    """Translate a span of the text into one among the characters that are not space."""
    return bisect_left(places, span[0]), bisect_left(places, span[1])


def shared(one: Span, other: Span) -> bool:
    """Tell whether two spans have a character in common."""
    return one[0] < other[1] and other[0] < one[1]


if __name__ == "__main__":
    main()
