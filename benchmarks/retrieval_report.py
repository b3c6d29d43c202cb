"""Write the tables and the charts of `benchmarks.retrieval` into the documentation.

python -m benchmarks.retrieval_report --results FILE --docs DIR
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.retrieval import SETS
from benchmarks.retrieval_peers import PEERS

BEGIN = "<!-- retrieval, {part}: written by benchmarks.retrieval_report -->"
END = "<!-- retrieval, {part}: end -->"
COLUMNS = ("words", "vectors", "rrf", "convex", "hybrid")
COLOURS = {"words": "#9ca3af", "vectors": "#60a5fa", "rrf": "#fbbf24", "convex": "#34d399", "hybrid": "#1d4ed8"}
LEFT, TOP, GROUP, HEIGHT, FLOOR = 50, 50, 84, 260, 0.4

Results = Mapping[str, Mapping[str, Any]]


def quality_table(results: Results) -> list[str]:
    """Lay out the rankings of one release on one engine."""
    lines = [
        "| set | words | vectors | RRF | convex | hybrid | gain, 95 % | recall@20 | MRR | hit@1 | p50, p95 ms |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in results.items():
        means, (low, high), times = one["means"], one["over_part"], one["ranking_ms"]
        cells = [f"{means[column]['nDCG@10']:.3f}" for column in COLUMNS] + [f"{low:+.3f} to {high:+.3f}"]
        cells += [f"{means['hybrid'][measure]:.3f}" for measure in ("R@20", "RR", "P@1")]
        lines.append(f"| {name} | {' | '.join(cells)} | {times[0]:.1f}, {times[1]:.1f} |")
    return lines


def peers_table(results: Results) -> list[str]:
    """Lay out the rankings of other libraries beside the product's; empty when none was measured."""
    lines = ["| set | LangChain | LlamaIndex | hybrid | gain over the better, 95 % |", "|---|---|---|---|---|"]
    for name, one in results.items():
        if one["over_peer"]:
            cells = [f"{one['means'][column]['nDCG@10']:.3f}" for column in (*PEERS, "hybrid")]
            low, high = one["over_peer"]
            lines.append(f"| {name} | {' | '.join(cells)} | {low:+.3f} to {high:+.3f} |")
    return lines if len(lines) > len(("head", "rule")) else []


def chart(results: Results) -> str:
    """Draw nDCG@10 of every column by set as SVG bars."""
    width = LEFT + GROUP * len(results) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 40}" font-family="sans-serif" ',
        'font-size="11"><title>nDCG@10 by set</title><rect width="100%" height="100%" fill="white"/>',
    ]
    for tenth in range(round(FLOOR * 10), 11, 2):
        level = TOP + HEIGHT * (1 - (tenth / 10 - FLOOR) / (1 - FLOOR))
        parts.append(f'<path d="M{LEFT} {level:.1f}H{width - 20}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{level + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>')
    for n, column in enumerate(COLUMNS):
        parts.append(f'<rect x="{LEFT + 90 * n}" y="14" width="12" height="12" fill="{COLOURS[column]}"/>')
        parts.append(f'<text x="{LEFT + 90 * n + 17}" y="24">{column}</text>')
    for group, (name, one) in enumerate(results.items()):
        start = LEFT + GROUP * group + 6
        for n, column in enumerate(COLUMNS):
            tall = HEIGHT * max(0.0, (one["means"][column]["nDCG@10"] - FLOOR) / (1 - FLOOR))
            parts.append(f'<rect x="{start + 14 * n}" y="{TOP + HEIGHT - tall:.1f}" width="12" height="{tall:.1f}" '
                         f'fill="{COLOURS[column]}"/>')  # fmt: skip
        for n, part in enumerate(name.split(":")):
            parts.append(f'<text x="{start + 34}" y="{TOP + HEIGHT + 15 + 13 * n}" text-anchor="middle">{part}</text>')
    return "\n".join([*parts, "</svg>\n"])


def write_section(path: Path, part: str, lines: Sequence[str]) -> None:
    """Replace what stands between the marks of a part."""
    begin, end = BEGIN.format(part=part), END.format(part=part)
    before, rest = path.read_text(encoding="utf-8").split(begin)
    path.write_text("\n".join([before + begin, *lines, end]) + rest.split(end)[1], encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Write what the results hold."""
    parser = argparse.ArgumentParser(description="Write the tables and charts of rankings.")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--docs", type=Path, required=True)
    given = parser.parse_args(arguments)
    kept: Results = json.loads(given.results.read_text("utf-8"))
    for run in sorted({key.rpartition("/")[0] for key in kept}):
        found = {name: kept[f"{run}/{name}"] for name in SETS if f"{run}/{name}" in kept}
        part = run.replace("/", ", ")
        write_section(given.docs / "benchmarks.md", part, quality_table(found))
        if peers_table(found):
            write_section(given.docs / "benchmarks.md", f"{part}, other libraries", peers_table(found))
        (given.docs / f"retrieval-{run.replace('/', '-')}.svg").write_text(chart(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
