"""Run every file of the document sets through the sandboxed parser and the default chunker.

    python -m benchmarks.parsing --data <folder of docs_* and malformed sets> [--misses]

Prints how each set ended by code, the recall of words against the expected Markdown per type, and for PDFs the pages
per second of parsing with isolation and chunking, with the peak memory of the parser's process for the longest one.
"""

import argparse
import html
import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from benchmarks.machine import machine_line
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.text import full_text
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Rejected

_SETS = ("docs_docling", "docs_samples", "docs_unstructured", "malformed")
_LONGEST_PDF = "docs_unstructured/files/pdf/DA-619p.pdf"
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ADDRESS = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"\w+")
_PARSE_ALONE = """
import sys; from pathlib import Path
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
parse_file(Path(sys.argv[1]), filename=sys.argv[1], limits=ParserLimits())
"""
_TABLE_EXTENSIONS = frozenset({"csv", "xlsx"})


@dataclass
class Figures:
    """What a run found."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    recalls: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    pdf_pages: int = 0
    pdf_seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--misses", action="store_true", help="name the files under 0.95 recall")
    options = arguments.parse_args()
    longest(options.data / _LONGEST_PDF)
    print(machine_line())
    figures = Figures()
    for name in _SETS:
        folder = options.data / name
        for entry in map(json.loads, (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()):
            measure(name, folder, entry, figures)
    report(figures, misses=options.misses)


def longest(path: Path) -> None:
    """Parse and chunk the longest PDF; its peak memory is that of another process that parses it alone."""
    if not path.exists():
        return
    started = time.perf_counter()
    document = SandboxedParser()(path, filename=path.name)
    parsed = time.perf_counter()
    chunks = chunker_for("structure", {})(document)
    ended = time.perf_counter()
    subprocess.run([sys.executable, "-c", _PARSE_ALONE, str(path)], check=True)
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{path.name}: {document.pages} pages, parse {parsed - started:.2f} s, chunk {ended - parsed:.2f} s "
        f"({len(chunks)} chunks), {document.pages / (ended - started):.0f} pages/s, peak {peak_mib:.0f} MiB"
    )


def measure(name: str, folder: Path, entry: dict[str, str], figures: Figures) -> None:
    """Parse and chunk one file."""
    path = folder / entry["path"]
    started = time.perf_counter()
    try:
        document = SandboxedParser()(path, filename=path.name)
        outcome = "parsed"
    except Rejected as error:
        document, outcome = None, error.code
    if document:
        chunker_for("structure", {})(document)
    seconds = time.perf_counter() - started
    figures.outcomes[name][outcome] += 1
    figures.slowest = max(figures.slowest, (seconds, f"{name}/{entry['_id']}"))
    if document and document.unit == "page" and name != "malformed":
        figures.pdf_pages += document.pages
        figures.pdf_seconds += seconds
    if document and "expected" in entry:
        expected = (folder / entry["expected"]).read_text(encoding="utf-8")
        figures.recalls[entry["type"]].append((word_recall(document, expected), entry["_id"]))


def word_recall(document: ParsedDocument, expected: str) -> float:
    """Return the share of the expected words, counted with repetition, that the parsed text holds."""
    wanted = words(_ADDRESS.sub("]", html.unescape(_COMMENT.sub(" ", expected))))
    found = words(f"{full_text(document).text} {' '.join(cell for block in document.blocks for cell in block.header)}")
    return (wanted & found).total() / wanted.total() if wanted else 1.0


def words(text: str) -> Counter[str]:
    """Count the words of a text, small letters, without the underscores that Markdown emphasises with."""
    return Counter(_WORD.findall(text.lower().replace("_", " ")))


def report(figures: Figures, *, misses: bool) -> None:
    """Print what was found."""
    for name, outcomes in figures.outcomes.items():
        print(f"{name}: {outcomes.total()} files, " + ", ".join(f"{code} {n}" for code, n in outcomes.most_common()))
    for kind, recalls in sorted(figures.recalls.items()):
        values = [value for value, _ in recalls]
        print(f"word recall {kind}: mean {mean(values):.3f}, lowest {min(values):.3f}, {len(values)} files")
        for value, name in sorted(recalls) if misses else ():
            if value < 0.95:
                print(f"    {value:.3f} {name}")
    print(f"PDFs: {figures.pdf_pages} pages, {figures.pdf_pages / figures.pdf_seconds:.0f} pages/s, one process each")
    print(f"slowest: {figures.slowest[0]:.2f} s {figures.slowest[1]}", file=sys.stderr)


if __name__ == "__main__":
    main()
