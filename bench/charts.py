"""Charts as SVG: a few lines of our own, readable as text, in light and in dark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
_RIGHT, _ROW, _TOP = 90, 30, 64
#: About what a letter takes.
_LETTER = 7.6
_STYLE = """  <style>
    .paper { fill: #faf8f4 } text { fill: #1c1f23 } .soft { fill: #5a616a; font-size: 13.3px }
    .name { font-weight: 600 } .line { stroke: #d9d5cc; fill: none } .range { stroke: #1c1f23 }
    .past { fill: #a7adb5 } .now { fill: #0b6b66 } .course { stroke: #0b6b66; stroke-width: 2; fill: none }
    .goal { stroke: #a3242b; stroke-width: 2; stroke-dasharray: 4 3 }
    .aim { fill: #a3242b; font-size: 13.3px } .figures { font-variant-numeric: tabular-nums }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #15171a } text { fill: #e9e7e2 } .soft { fill: #a7adb5 }
      .past { fill: #5a616a } .now { fill: #57c2ba }
      .line { stroke: #363b42 } .range { stroke: #e9e7e2 } .course { stroke: #57c2ba } .goal { stroke: #ef8b90 }
      .aim { fill: #ef8b90 }
    }
  </style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: its median, the range of the rounds, and whether it is ours."""

    label: str
    value: float
    low: float
    high: float
    ours: bool = True


def bars(title: str, desc: str, rows: Sequence[Bar], *, shape: str = "{:.2f}", goal: float | None = None) -> str:
    """Lay bars beside each other from a zero line, each with its range; ``goal`` is a broken line across."""
    most = max([*(row.high for row in rows), goal or 0.0]) or 1.0
    left = round(30 + _LETTER * max(len(row.label) for row in rows))
    span = WIDTH - left - _RIGHT
    height = _TOP + len(rows) * _ROW + 20

    def x(value: float) -> float:
        return round(left + span * value / most, 1)

    parts = [f'  <path class="line" d="M{left} {_TOP - 6} V{height - 14}"/>']
    for index, row in enumerate(rows):
        parts += _bar(row, _TOP + index * _ROW, x, shape)
    if goal is not None:
        parts += [
            f'  <path class="goal" d="M{x(goal)} {_TOP - 10} V{height - 10}"/>',
            f'  <text class="aim" x="{x(goal) + 5}" y="{_TOP - 8}">goal {escape(shape.format(goal))}</text>',
        ]
    return _drawing(title, desc, height, parts)


def _bar(row: Bar, y: int, x: Callable[[float], float], shape: str) -> list[str]:
    """One bar at ``y``: its label, itself, the range, its value."""
    colour, width = "now" if row.ours else "past", x(row.value) - x(0)
    beside = x(max(row.high, row.value)) + 8
    return [
        f'  <text x="{x(0) - 10}" y="{y + 15}" text-anchor="end">{escape(row.label)}</text>',
        f'  <rect class="{colour}" x="{x(0)}" y="{y}" width="{width:.1f}" height="20"/>',
        f'  <path class="range" d="M{x(row.low)} {y + 10} H{x(row.high)}"/>',
        f'  <text class="figures" x="{beside:.1f}" y="{y + 15}">{escape(shape.format(row.value))}</text>',
    ]


def course(title: str, desc: str, points: Sequence[tuple[float, float]], *, unit: str) -> str:
    """Draw one course over time (seconds) from a zero line, with its highest and its last value said."""
    height, bottom = 300, 260
    most = max(value for _, value in points) or 1.0
    end = points[-1][0] or 1.0
    span = WIDTH - 60 - _RIGHT

    def at(point: tuple[float, float]) -> str:
        return f"{60 + span * point[0] / end:.1f} {bottom - (bottom - _TOP) * point[1] / most:.1f}"

    last_x, last_y = at(points[-1]).split()
    parts = [
        f'  <path class="line" d="M60 {_TOP} V{bottom} H{WIDTH - _RIGHT}"/>',
        f'  <text class="soft figures" x="52" y="{_TOP + 5}" text-anchor="end">{most:.0f}</text>',
        f'  <text class="soft figures" x="52" y="{bottom}" text-anchor="end">0</text>',
        f'  <text class="soft" x="60" y="{bottom + 20}">0 s</text>',
        f'  <text class="soft" x="{WIDTH - _RIGHT}" y="{bottom + 20}" text-anchor="end">{end:.0f} s</text>',
        f'  <path class="course" d="M{" L".join(at(point) for point in points)}"/>',
        (
            f'  <text class="figures" x="{float(last_x) + 8:.1f}" y="{float(last_y) + 5:.1f}">'
            f"{points[-1][1]:.0f} {escape(unit)}</text>"
        ),
    ]
    return _drawing(title, desc, height, parts)


def _drawing(title: str, desc: str, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d"'
        ' font-family="system-ui, sans-serif" font-size="15">'
    )
    return "\n".join(
        [
            head,
            f'  <title id="t">{escape(title)}</title>',
            f'  <desc id="d">{escape(desc)}</desc>',
            _STYLE,
            f'  <rect class="paper" width="{WIDTH}" height="{height}"/>',
            f'  <text class="name" x="16" y="28">{escape(title)}</text>',
            *parts,
            "</svg>\n",
        ]
    )
