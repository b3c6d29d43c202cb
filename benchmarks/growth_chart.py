"""A chart of how search grows with the index: both axes logarithmic, so that a straight line is a power of the size."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, MARGIN = 640, 360, 60
LINES = (("p50_ms", "median", "#2563eb"), ("p95_ms", "95 of 100 under", "#dc2626"))


def growth_chart(rows: Sequence[Mapping[str, Any]]) -> str:
    """Draw search time in ms by number of chunks as SVG."""
    sizes = [row["chunks"] for row in rows]
    times = [row[name] for row in rows for name, _, _ in LINES]
    low, high = 10 ** math.floor(math.log10(min(times))), 10 ** math.ceil(math.log10(max(times) * 1.01))

    def x(size: float) -> float:
        return _between(size, min(sizes), max(sizes), MARGIN, WIDTH - MARGIN)

    def y(time_ms: float) -> float:
        return _between(time_ms, low, high, HEIGHT - MARGIN, MARGIN)

    drawn = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            f'font-size="12"><title>Search time by number of chunks</title>'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        )
    ]
    drawn += [_text(x(size), HEIGHT - MARGIN + 20, f"{size:,}", "middle") for size in sizes]
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        level = y(10**power)
        drawn.append(f'<path d="M{MARGIN} {level:.1f}H{WIDTH - MARGIN}" stroke="#ddd"/>')
        drawn.append(_text(MARGIN - 8, level + 4, f"{10**power:g} ms", "end"))
    for n, (name, label, colour) in enumerate(LINES):
        points = " ".join(f"{x(row['chunks']):.1f},{y(row[name]):.1f}" for row in rows)
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [_text(x(row["chunks"]), y(row[name]) - 6, f"{row[name]:g}", "middle") for row in rows]
        drawn.append(f'<text x="{MARGIN + 10}" y="{MARGIN - 30 + 16 * n}" fill="{colour}">{label}</text>')
    drawn.append(_text(WIDTH / 2, HEIGHT - 15, "chunks", "middle"))
    return "\n".join([*drawn, "</svg>\n"])


def _between(value: float, low: float, high: float, start: float, end: float) -> float:
    """Place a value on a logarithmic axis."""
    span = math.log(high) - math.log(low)
    return start + (end - start) * ((math.log(value) - math.log(low)) / span if span else 0.5)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{words}</text>'
