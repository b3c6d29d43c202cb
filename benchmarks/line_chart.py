"""A line chart as SVG, without a library: curves in a unit square with a grid, a legend and a marked place."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Line = Sequence[tuple[float, float]]
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a", "#bf3989")
WIDTH, HEIGHT, LEFT, TOP, SIDE = 760, 460, 60, 40, 360


def chart(title: str, across: str, up: str, lines: Mapping[str, Line], *, mark: tuple[float, float]) -> str:
    """Draw curves.

    Args:
        title: above the chart.
        across: what x is, in [0, 1].
        up: what y is, in [0, 1].
        lines: points (x, y) by name, x rising.
        mark: the least that is wanted: y at x.

    Returns:
        The text of an SVG file.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        "<style>.small { font-size: 12px }</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
        *_grid(across, up),
        *(part for place, (name, line) in enumerate(lines.items()) for part in _curve(place, name, line)),
        f'<circle cx="{_x(mark[0])}" cy="{_y(mark[1])}" r="6" fill="none" stroke="#000000" stroke-width="2"/>',
        f'<text class="small" x="{_x(mark[0]) + 10}" y="{_y(mark[1]) + 16}">{mark[1]:.0%} at {mark[0]:.0%}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(value: float) -> float:
    return round(LEFT + value * SIDE, 1)


def _y(value: float) -> float:
    return round(TOP + (1 - value) * SIDE, 1)


def _grid(across: str, up: str) -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        value = tenth / 10
        parts += [
            f'<line x1="{_x(value)}" y1="{_y(0)}" x2="{_x(value)}" y2="{_y(1)}" stroke="#d0d7de"/>',
            f'<line x1="{_x(0)}" y1="{_y(value)}" x2="{_x(1)}" y2="{_y(value)}" stroke="#d0d7de"/>',
            f'<text class="small" x="{_x(value)}" y="{_y(0) + 18}" text-anchor="middle">{value:.1f}</text>',
            f'<text class="small" x="{_x(0) - 8}" y="{_y(value) + 4}" text-anchor="end">{value:.1f}</text>',
        ]
    middle = TOP + SIDE / 2
    turned = f"rotate(-90 16 {middle})"
    parts.append(f'<text class="small" x="{_x(0.5)}" y="{_y(0) + 40}" text-anchor="middle">{escape(across)}</text>')
    parts.append(
        f'<text class="small" x="16" y="{middle}" text-anchor="middle" transform="{turned}">{escape(up)}</text>'
    )
    return parts


def _curve(place: int, name: str, line: Line) -> list[str]:
    colour = COLOURS[place % len(COLOURS)]
    points = " ".join(f"{_x(x)},{_y(y)}" for x, y in line)
    beside, height = LEFT + SIDE + 24, TOP + 20 + 22 * place
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<line x1="{beside}" y1="{height}" x2="{beside + 22}" y2="{height}" stroke="{colour}" stroke-width="3"/>',
        f'<text class="small" x="{beside + 30}" y="{height + 4}">{escape(name)}</text>',
    ]
