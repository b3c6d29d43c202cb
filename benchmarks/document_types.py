"""Measure what parsers find in real files of every type, against the files whose text is known.

    python -m benchmarks.document_types --data FOLDER [--types pdf,docx] [--engines strata] [--worst 10]
                                        [--json OUT] [--earlier JSON] [--write docs/benchmarks.md]

Engines are `strata` (the project's parsers, in this process) and `docling`, `markitdown`, `unstructured`, each
installed on first use in an environment of its own in the cache folder.

Prints a table: per type and engine how many files there are and how they ended, the seconds they took, and the mean
over the files with expected text of token recall and precision, table cells and rows, headings and reading order. A
refused file counts as 0 in recall, cells, rows and headings and not at all in precision and order. With --worst it
lists the worst files with what they miss and what they have too much. With --earlier it adds the engines of an earlier
run's --json, so that the others need not run again. With --write it replaces the tables of the documentation.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.document_engines import strata_outcomes
from benchmarks.document_measures import score
from benchmarks.document_peers import PEERS, peer_outcomes, version
from benchmarks.document_report import Measured, from_record, outcomes, replace_section, side_by_side, table, worst
from benchmarks.document_sets import DocumentFile, document_files
from benchmarks.machine import machine_line


def main() -> None:
    """Print the table, and write what was asked for."""
    options = _arguments().parse_args()
    engines = options.engines.split(",")
    files = list(document_files(options.data, frozenset(filter(None, options.types.split(",")))))
    results = [result for engine in engines for result in measured(engine, files)]
    if options.json:
        options.json.write_text(json.dumps([result.record() for result in results], indent=1), encoding="utf-8")
    if options.earlier:
        earlier = map(from_record, json.loads(options.earlier.read_text(encoding="utf-8")))
        names = {file.name for file in files}
        results += [result for result in earlier if result.engine not in engines and result.name in names]
    print(machine_line(), end="\n\n")
    print("\n".join(table(results)))
    for engine in dict.fromkeys(result.engine for result in results):
        print("\n".join(worst([result for result in results if result.engine == engine], options.worst)))
    if options.write:
        replace_section(options.write, section(results))


def measured(engine: str, files: Sequence[DocumentFile]) -> Iterator[Measured]:
    """Yield each file as one engine reads it.

    Args:
        engine: `strata` or one of the peers.
        files: what to read, in order.
    """
    found = strata_outcomes(files) if engine == "strata" else peer_outcomes(engine, files)
    for file, outcome in zip(files, found, strict=True):
        scores = None if file.expected is None else score(file.expected, outcome.pieces)
        yield Measured(engine, file.name, file.type, outcome.status, outcome.reason, outcome.seconds, scores)


def section(results: Sequence[Measured]) -> Iterator[str]:
    """Yield the tables of the documentation."""
    peers = ", ".join(f"{peer} {version(peer)}" for peer in PEERS if any(result.engine == peer for result in results))
    yield f"{machine_line()}. {peers}."
    for title, measures in (
        ("Token recall / precision", ("recall", "precision")),
        ("Table cells / rows found", ("cells", "rows")),
        ("Headings found / reading order", ("headings", "order")),
    ):
        yield from ("", f"{title}:", "", *side_by_side(results, measures))
    yield from ("", "Files parsed and seconds, of all files:", "", *outcomes(results))


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, help="folder of docs_docling, docs_samples, ...")
    arguments.add_argument("--types", default="", help="types to measure, separated by commas; all by default")
    arguments.add_argument("--engines", default="strata", help="engines to measure, separated by commas")
    arguments.add_argument("--worst", type=int, default=0, help="files to list per engine, worst first")
    arguments.add_argument("--json", type=Path, help="where to write the figures of every file measured now")
    arguments.add_argument("--earlier", type=Path, help="figures of an earlier run to show beside these")
    arguments.add_argument("--write", type=Path, help="Markdown file whose tables to replace")
    return arguments


if __name__ == "__main__":
    main()
