# SPDX-License-Identifier: BSD-2-Clause
"""A table in Markdown, as the programs of this folder print it, ▸ the same with
a heading and the machine, and a plot.

    PROGRAM | draw.py NAME TITLE

Bars are to the scale of their column; where a cell has a spread in brackets,
what counts is the number before it.
"""

import html
import re
import sys

from paper import FOLDER, machine

LINE, LEFT, WIDE = 22, 180, 110


def cells(line):
    return [c.strip() for c in line.strip().strip("|").split("|")]


def number(cell):
    found = re.match(r"-?\d+(\.\d+)?", cell)
    return float(found[0]) if found else None


def bars(head, rows):
    """A panel for each column behind the first that has numbers."""
    out = []
    for c in range(1, len(head)):
        values = [number(r[c]) for r in rows]
        top = max((v for v in values if v is not None), default=0) or 1
        x = LEFT + (c - 1) * (WIDE + 60)
        out.append('<text x="%d" y="44" font-weight="bold">%s</text>' % (
            x, html.escape(head[c])))
        for n, value in enumerate(values):
            y = 54 + n * LINE
            if value is None:
                continue
            out.append('<rect x="%d" y="%d" width="%.1f" height="14" '
                       'fill="#9bc"/>' % (x, y, WIDE * max(value, 0) / top))
            out.append('<text x="%d" y="%d">%s</text>' % (
                x + 4, y + 12, html.escape(rows[n][c])))
    return out


def plot(title, head, rows):
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
           'font-family="sans-serif" font-size="12">' % (
               LEFT + (len(head) - 1) * (WIDE + 60) + 20,
               70 + len(rows) * LINE),
           '<text x="8" y="18" font-weight="bold">%s</text>' %
           html.escape(title)]
    out += ['<text x="8" y="%d">%s</text>' % (
        66 + n * LINE, html.escape(r[0])) for n, r in enumerate(rows)]
    return "\n".join(out + bars(head, rows) + ["</svg>"]) + "\n"


def main(name, title):
    lines = []
    for line in sys.stdin:
        print(line, end="", flush=True)
        if line.startswith("|"):
            lines.append(line)
    if len(lines) < 3:
        sys.exit("no table of " + name)
    with open("%s/%s.md" % (FOLDER, name), "w") as f:
        f.write("## %s\n\n%s\n\n%s" % (title, machine(), "".join(lines)))
    with open("%s/%s.svg" % (FOLDER, name), "w") as f:
        f.write(plot(title, cells(lines[0]), [cells(x) for x in lines[2:]]))
    print("written: %s/%s.md and .svg" % (FOLDER, name))


if __name__ == "__main__":
    main(*sys.argv[1:])
