# SPDX-License-Identifier: Apache-2.0
"""The results as a picture: a bar for each figure that has a limit, as a part of
what it must be, with the range over the rounds."""
import math
from xml.sax.saxutils import escape

ROW, LEFT, WIDTH, RIGHT, TOP = 24, 330, 420, 150, 64
LOW, HIGH = 1 / 8, 16  # parts of "must" at the edges of a logarithmic scale
COLOURS = {"aim": "#2e7d32", "must": "#8bc34a", "misses": "#d84315"}


def place(part):
    part = min(max(part, LOW), HIGH)
    return LEFT + WIDTH * math.log(part / LOW) / math.log(HIGH / LOW)


def label(row, digits):
    if row.figure.yardstick:
        return f"{digits(row.ratio.median)} × nginx"
    return f"{digits(row.value.median)} {row.figure.unit}"


def bar(row, y, digits):
    must, judged = row.figure.must, row.judged
    middle, low, high = (place(value / must) for value in (judged.median, judged.low, judged.high))
    centre = y + ROW / 2 - 3
    return (f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(row.figure.title)}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{max(middle - LEFT, 1):.1f}" height="{ROW - 6}" '
            f'fill="{COLOURS[row.verdict]}"/>'
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{centre}" y2="{centre}" stroke="#222" stroke-width="1.5"/>'
            f'<line x1="{place(row.figure.aim / must):.1f}" x2="{place(row.figure.aim / must):.1f}" y1="{y - 1}" '
            f'y2="{y + ROW - 5}" stroke="#222" stroke-dasharray="2,2"/>'
            f'<text x="{LEFT + WIDTH + 10}" y="{y + 13}">{escape(label(row, digits))}</text>')


def draw(rows, name, digits):
    """SVG.  Figures whose limit is nought have no scale, and no bar."""
    rows = [row for row in rows if row.verdict and row.figure.must]
    height = TOP + ROW * len(rows) + 40
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}" '
             f'font-family="sans-serif" font-size="12" fill="#222">',
             f'<rect width="100%" height="100%" fill="#fff"/>',
             f'<text x="12" y="24" font-size="15" font-weight="bold">{escape(name)}: each figure relative to '
             'its limit</text>',
             '<text x="12" y="44" fill="#555">shorter is better; solid line: must; dashed: aim; thin bar: range over the '
             'rounds</text>']
    bottom = TOP + ROW * len(rows)
    for part in (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16):
        x = place(part)
        colour, width = ("#222", 1.5) if part == 1 else ("#ccc", 1)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}" stroke="{colour}" '
                     f'stroke-width="{width}"/><text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#555">'
                     f'{"must" if part == 1 else f"{part:g} ×" if part > 1 else f"1/{1 / part:g}"}</text>')
    parts += [bar(row, TOP + ROW * i, digits) for i, row in enumerate(rows)]
    return "\n".join(parts) + "\n</svg>\n"
