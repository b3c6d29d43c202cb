"""Measures the extractive answerer: does a quote hold the answer, and is what the documents do not say refused?

    python -m benchmarks.answers --data DIR --vectors DIR --models DIR [--release NAME] [--curve]

Retrieval is the product's: the embedded index, the release's embedder, ranking and gate. `--curve` draws what is
refused of the unanswerable against what is refused of the answerable into docs/, and puts both tables between the
markers of docs/benchmarks.md.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.answer_cases import SETS, Case, Cases
from benchmarks.line_chart import chart
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.answering.checking import check
from functions.ml.answering.extractive import ExtractiveGenerator
from functions.ml.answering.gate import GateParameters, confidence, read_signs
from functions.ml.answering.words import content_terms
from functions.ml.ports import GenerationRequest, Passage
from functions.ml.releases.catalogue import ReleaseSpec, load_releases

DOCS = Path(__file__).parent.parent / "docs"
WANTED_REFUSED, GIVEN_UP = 0.8, 0.1
LABELLED = {"mtrag_un": ("unanswerable",), "scifact": ("no evidence",), "xquad_en": ("other topics", "another set")}
"""The three kinds of unanswerable questions that the aim names."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one question.

    Attributes:
        sure: the gate's confidence.
        refused: by the gate or by the check.
        held: a quote holds the answer; None where none is known.
        quotes: how many were shown, and how many of them stand verbatim in their passage.
    """

    source: str
    kind: str
    sure: float
    refused: bool
    held: bool | None = None
    quotes: int = 0
    verbatim: int = 0


def quoted(quotes: Iterable[str], answers: Sequence[str]) -> bool:
    """Tell whether an answer stands in a quote, case and white space apart."""
    plain = [" ".join(quote.casefold().split()) for quote in quotes]
    return any(" ".join(answer.casefold().split()) in quote for answer in answers for quote in plain)


def answered(case: Case, gate: GateParameters, answers: Sequence[str]) -> Answered:
    """Judge and answer one case; only answerable ones are written."""
    if not case.passages or not content_terms(case.judged):
        return Answered(case.source, case.kind, 0.0, refused=True)
    sure = confidence(read_signs(case.judged, case.passages, gate, further=case.further), gate)
    if sure < gate.refuse_below or not case.is_answerable:
        held = False if answers else None
        return Answered(case.source, case.kind, sure, sure < gate.refuse_below, held)
    refused, quotes = written(case.text, case.passages)
    return Answered(
        case.source, case.kind, sure, refused,
        quoted((quote for _, quote in quotes), answers) if answers else None,
        len(quotes), sum(quote in passage.text for passage, quote in quotes),
    )  # fmt: skip


def written(question: str, passages: tuple[Passage, ...]) -> tuple[bool, list[tuple[Passage, str]]]:
    """Write and check an answer; returns whether it was refused, and the quotes that are shown."""
    draft = ExtractiveGenerator().generate(GenerationRequest(question, passages))
    checked = check(draft, passages, question=question)
    return checked.refused, [(citation.passage, citation.quote) for citation in checked.citations]


def everything(cases: Cases, gate: GateParameters) -> list[Answered]:
    """Answer every case, and the questions about tables with their document given."""
    english = {one.question_id: one.answers for one in cases.sets["xquad_en"].questions}
    made: list[Answered] = []
    for case in cases.every():
        known = english if case.source.endswith("of xquad_en") else {}
        answers = known.get(case.question.question_id, case.question.answers)
        made.append(answered(case, gate, answers if _is_quotable(case) else ()))
    return made + list(documents_given(cases))


def _is_quotable(case: Case) -> bool:
    """Can the answer stand in a document? Some are worded anew, some are calculated."""
    return case.source != "mtrag_un" and (case.source != "tatqa_dev" or "span" in case.question.label)


def documents_given(cases: Cases) -> Iterable[Answered]:
    """Answer the questions about tables from their own document: most name no company, so none can be found."""
    tables = cases.sets.get("tatqa_dev")
    for question in tables.questions[::4] if tables else ():
        if not question.answers or not question.right or "span" not in question.label:
            continue
        title, text = tables.passages[next(iter(question.right))] if tables else ("", "")
        refused, quotes = written(question.text, (Passage(1, text, "", "text", 1.0, title),))
        held = quoted((quote for _, quote in quotes), question.answers)
        yield Answered("tatqa_dev, document given", "own", 1.0, refused, held, len(quotes), len(quotes))


def of(made: Sequence[Answered], source: str, *kinds: str) -> list[Answered]:
    """Select."""
    return [one for one in made if one.source == source and one.kind in kinds]


def at_most(own: Sequence[Answered], share: float) -> float:
    """Return the confidence under which this share of the answerable lies."""
    ordered = sorted(one.sure for one in own)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def curve(own: Sequence[Answered], not_own: Sequence[Answered]) -> list[tuple[float, float]]:
    """Return pairs (answerable refused, unanswerable refused) at every threshold."""
    return [(step / 100, fmean(one.sure < at_most(own, step / 100) for one in not_own)) for step in range(0, 101, 2)]


def pooled(made: Sequence[Answered]) -> tuple[list[Answered], list[Answered]]:
    """Return the answerable and the unanswerable questions of the three labelled sources."""
    own = [one for source in LABELLED for one in of(made, source, "own")]
    return own, [one for source, kinds in LABELLED.items() for one in of(made, source, *kinds)]


def share(values: Sequence[bool | None]) -> str:
    """Write a share, empty where there is nothing."""
    known = [value for value in values if value is not None]
    return f"{fmean(known):.3f}" if known else ""


def answer_table(made: Sequence[Answered]) -> list[str]:
    """Lay out refusals and quotes by set."""
    kinds = ("other topics", "another set", "passage taken away", "unanswerable", "no evidence")
    lines = [
        "| questions of | asked | answerable refused | answer in a quote | of those answered | quotes verbatim | "
        + " | ".join(f"{kind}, refused" for kind in kinds) + " |",
        "|---" * (6 + len(kinds)) + "|",
    ]  # fmt: skip
    for source in dict.fromkeys(one.source for one in made):
        own = of(made, source, "own")
        shown = sum(one.quotes for one in own)
        cells = [
            source, str(len(own)), share([one.refused for one in own]), share([one.held for one in own]),
            share([one.held for one in own if not one.refused]),
            f"{sum(one.verbatim for one in own) / shown:.3f}" if shown else "",
            *(share([one.refused for one in of(made, source, kind)]) for kind in kinds),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def pairs(made: Sequence[Answered]) -> dict[str, tuple[list[Answered], list[Answered]]]:
    """Name the curves: answerable and unanswerable questions."""
    found = {"all three labelled sources": pooled(made)}
    for source, kinds in LABELLED.items():
        found[f"{source}: {' or '.join(kinds)}"] = (of(made, source, "own"), of(made, source, *kinds))
    found["xquad_en: passage taken away"] = (of(made, "xquad_en", "own"), of(made, "xquad_en", "passage taken away"))
    across = "xquad_de of xquad_en"
    found["German questions, English documents"] = (of(made, across, "own"), of(made, across, "other topics"))
    return {name: pair for name, pair in found.items() if all(pair)}


def curve_table(made: Sequence[Answered], gate: GateParameters) -> list[str]:
    """Lay out what is refused at the release's threshold and at chosen ones."""
    chosen = (0.05, 0.1, 0.2)
    lines = [
        "| source | answerable | unanswerable | refused at the release's threshold: answerable | unanswerable | "
        + " | ".join(f"unanswerable refused where {one:.0%} of the answerable are" for one in chosen) + " |",
        "|---" * (5 + len(chosen)) + "|",
    ]  # fmt: skip
    for name, (own, others) in pairs(made).items():
        cells = [
            name, str(len(own)), str(len(others)), share([one.refused for one in own]),
            share([one.sure < gate.refuse_below for one in others]),
            *(share([one.sure < at_most(own, step) for one in others]) for step in chosen),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    three = [(of(made, source, "own"), of(made, source, *kinds)) for source, kinds in LABELLED.items()]
    means = [fmean(fmean(one.refused for one in part) for part in parts if part) for parts in zip(*three, strict=True)]
    lines.append(f"| mean of the three | | | {means[0]:.3f} | {means[1]:.3f} | | | |")
    return lines


def publish(release: ReleaseSpec, made: Sequence[Answered], gate: GateParameters) -> None:
    """Draw the curve and put the tables between their markers."""
    lines = {name: curve(own, others) for name, (own, others) in pairs(made).items()}
    picture = chart(
        f"When to refuse: {release.name}", "share of answerable questions refused",
        "share of unanswerable questions refused", lines, mark=(GIVEN_UP, WANTED_REFUSED),
    )  # fmt: skip
    (DOCS / f"refusals-{release.name}.svg").write_text(picture, "utf-8")
    page = DOCS / "benchmarks.md"
    start, end = f"<!-- answers {release.name} -->", f"<!-- end of answers {release.name} -->"
    before, _, rest = page.read_text("utf-8").partition(start)
    body = "\n".join(["", *curve_table(made, gate), "", *answer_table(made), ""])
    page.write_text(f"{before}{start}\n{body}\n{end}{rest.partition(end)[2]}", "utf-8")


def main() -> None:
    """Measure, print, and perhaps publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="folder with one folder per release")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--release", default="multilingual")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--curve", action="store_true", help="write the chart and the tables into docs/")
    options = parser.parse_args()
    release = load_releases("extractive", options.release).default
    embedder = OnnxEmbedder(options.models, options.release, 2)
    cases = Cases(options.data, options.vectors / options.release, release, embedder, tuple(options.sets))
    gate = GateParameters(**release.answer.gate)  # type: ignore[arg-type]
    made = everything(cases, gate)
    print("\n".join([*curve_table(made, gate), "", *answer_table(made)]))
    if options.curve:
        publish(release, made, gate)


if __name__ == "__main__":
    main()
