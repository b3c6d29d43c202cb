"""Measures the extractive answerer: does a quote hold the answer, and is what the documents do not say refused?

    python -m benchmarks.answers --data PATH_TO_DATA_SETS

Retrieval is a plain BM25 over the set's passages, so that only the answerer is measured. "Answerable" counts questions
whose right passage is among the first 10; "off topic" asks the questions of one set against the passages of another.
"""

import argparse
import gzip
import json
import math
import statistics
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from functions.ml.answering.checking import check
from functions.ml.answering.extractive import ExtractiveGenerator, ExtractiveParameters
from functions.ml.answering.words import content_terms
from functions.ml.ports import GenerationRequest, Passage

TOP = 10


class Bm25:
    """Okapi BM25 with k1 = 1.2 and b = 0.75 over the answerer's own terms."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for number, text in enumerate(texts):
            counts = Counter(content_terms_with_repeats(text))
            lengths.append(sum(counts.values()))
            for term, count in counts.items():
                self.postings[term].append((number, count))
        mean = statistics.fmean(lengths)
        self.norms = [1.2 * (0.25 + 0.75 * length / mean) for length in lengths]

    def top(self, question: str, without: frozenset[int] = frozenset()) -> list[tuple[int, float]]:
        """Return the best passages with their scores."""
        scores: dict[int, float] = defaultdict(float)
        for term in content_terms(question):
            found = self.postings.get(term, [])
            idf = math.log(1 + (len(self.texts) - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                scores[number] += idf * count * 2.2 / (count + self.norms[number])
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [item for item in ranked if item[0] not in without][:TOP]


def content_terms_with_repeats(text: str) -> list[str]:
    """Return content terms with every occurrence."""
    return [term for word in text.split() for term in content_terms(word)]


def rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines, zipped or not."""
    if path.exists():
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    with gzip.open(f"{path}.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Collection:
    """One data set with its index."""

    def __init__(self, folder: Path) -> None:
        corpus = rows(folder / "corpus.jsonl")
        self.ids = {row["_id"]: number for number, row in enumerate(corpus)}
        self.titles = [row.get("title", "") for row in corpus]
        self.index = Bm25([row["text"] for row in corpus])
        self.queries = rows(folder / "queries.jsonl")
        self.right: dict[str, set[int]] = defaultdict(set)
        for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
            query, document, score = line.split("\t")
            if int(score) > 0 and document in self.ids:
                self.right[query].add(self.ids[document])

    def request(self, question: str, *, without: frozenset[int] = frozenset()) -> tuple[GenerationRequest, set[int]]:
        """Return what a generator is asked, and which passages were found."""
        found = self.index.top(question, without)
        best = found[0][1] if found else 1.0
        passages = tuple(
            Passage(
                n=place, text=self.index.texts[number], source="", kind="text", score=score / best, lexical=score,
                context=self.titles[number],
            )
            for place, (number, score) in enumerate(found, 1)
        )  # fmt: skip
        return GenerationRequest(question, passages), {number for number, _ in found}


def quoted(quotes: tuple[tuple[int, str], ...], answer: list[str] | int | float) -> bool:
    """Tell whether an answer stands in a quote; a computed answer is a bare number in some sets."""
    answers = answer if isinstance(answer, list) else [answer]
    return any(str(one).casefold() in quote.casefold() for one in answers for _, quote in quotes)


def answerable(generator: ExtractiveGenerator, collection: Collection) -> dict[str, float]:
    """Score the questions that their own set answers."""
    asked = refused = held = first = lost = shown = 0
    sentences, times = [], []
    for query in collection.queries:
        if not query.get("answer"):
            continue
        request, found = collection.request(query["text"])
        if not found & collection.right[query["_id"]]:
            continue
        started = time.perf_counter()
        draft = generator.generate(request)
        times.append(1_000 * (time.perf_counter() - started))
        asked += 1
        checked = check(draft, request.passages, question=request.question)
        lost += checked.refused and not draft.refused
        shown += quoted(tuple((item.n, item.quote) for item in checked.citations), query["answer"])
        refused += draft.refused
        held += quoted(draft.quotes, query["answer"])
        first += any(passage.n == 1 and quoted(((1, passage.text),), query["answer"]) for passage in request.passages)
        sentences.append(len(draft.quotes))
    times.sort()
    return {
        "questions": asked, "answer in quotes": held / asked, "after the check": shown / asked,
        "refused": refused / asked, "refused by the check": lost / asked,
        "answer in first passage": first / asked, "sentences": statistics.fmean(sentences),
        "p50 ms": times[len(times) // 2], "p95 ms": times[int(len(times) * 0.95)],
    }  # fmt: skip


def refused_off_topic(generator: ExtractiveGenerator, asked: Collection, against: Collection, step: int = 2) -> float:
    """Return the share of refusals when one set's questions are asked of another's passages."""
    requests = [against.request(query["text"])[0] for query in asked.queries[::step]]
    return statistics.fmean(generator.generate(request).refused for request in requests)


def refused_without_the_right(generator: ExtractiveGenerator, collection: Collection, step: int = 2) -> float:
    """Return the share of refusals when the passages that answer are taken away: near the topic, without the answer."""
    results = []
    for query in collection.queries[::step]:
        without = frozenset(collection.right[query["_id"]])
        results.append(generator.generate(collection.request(query["text"], without=without)[0]).refused)
    return statistics.fmean(results)


def refused_other_topics(generator: ExtractiveGenerator, collection: Collection, step: int = 2) -> float:
    """Return the share of refusals when questions about one half of the topics meet the passages of the other half."""
    half = {title: place % 2 for place, title in enumerate(sorted(set(collection.titles)))}
    groups = [
        frozenset(number for number, title in enumerate(collection.titles) if half[title] == group) for group in (0, 1)
    ]
    results = []
    for query in collection.queries[::step]:
        own = half[collection.titles[next(iter(collection.right[query["_id"]]))]]
        results.append(generator.generate(collection.request(query["text"], without=groups[own])[0]).refused)
    return statistics.fmean(results)


def show(name: str, values: dict[str, float]) -> None:
    """Print one line."""
    print(f"{name:14}", "  ".join(f"{key} {value:.3f}" for key, value in values.items()), flush=True)


def main() -> None:
    """Print the figures of every set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=["xquad_en", "xquad_de", "xquad_ar", "xquad_zh"])
    parser.add_argument("--parameters", type=json.loads, default={}, help="JSON of ExtractiveParameters to try")
    options = parser.parse_args()
    generator = ExtractiveGenerator(ExtractiveParameters(**options.parameters))
    sets = {name: Collection(options.data / name) for name in options.sets}
    for name, collection in sets.items():
        values = answerable(generator, collection)
        values["other topics refused"] = refused_other_topics(generator, collection)
        values["near misses refused"] = refused_without_the_right(generator, collection)
        show(name, values)
    other = Collection(options.data / "chunking")
    if "xquad_en" in sets:
        show("off topic", {
            "xquad_en of chunking": refused_off_topic(generator, sets["xquad_en"], other),
            "chunking of xquad_en": refused_off_topic(generator, other, sets["xquad_en"], 1),
        })  # fmt: skip
    conversations = Collection(options.data / "mtrag_un")
    kinds: dict[str, list[bool]] = defaultdict(list)
    for query in conversations.queries:
        kind = str(query.get("answerability", ""))
        kinds[kind].append(generator.generate(conversations.request(query["text"])[0]).refused)
    show("mtrag_un", {f"refused {kind} ({len(values)})": statistics.fmean(values) for kind, values in kinds.items()})


if __name__ == "__main__":
    main()
