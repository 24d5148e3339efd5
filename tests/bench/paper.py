# SPDX-License-Identifier: BSD-2-Clause
"""What is common to benches: paired rounds, and what they leave behind, a
table in Markdown and a plot in SVG.

    p = Paper("milter", "Other mail and capture")
    p.row("passes", "of the floor", [0.97, 1.01], at_least=0.95)
    p.write()
"""

import html
import os
import platform
import statistics

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
ROUNDS = int(os.environ.get("ROUNDS", "10"))
FOLDER = os.environ.get("OUT", BUILD + "/bench")
LEFT, WIDE, LINE = 330, 420, 26


def rounds(*sides):
    """Calls each of SIDES in every round, in an order that changes; their
    results, round by round."""
    results = [[] for _ in sides]
    for n in range(ROUNDS):
        order = range(len(sides))
        for i in order if n % 2 else reversed(order):
            results[i].append(sides[i]())
    return results


def machine():
    """One line about where it was measured."""
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":")[1].strip() for line in f
                      if line.startswith("model name")), platform.machine())
    return "%d x %s, Linux %s, load %.1f" % (
        os.cpu_count(), model, platform.release(), os.getloadavg()[0])


def short(x):
    return "%.0f" % x if abs(x) >= 100 else "%.3g" % x


class Paper:
    def __init__(self, name, title):
        self.name, self.title, self.rows = name, title, []
        os.makedirs(FOLDER, exist_ok=True)

    def row(self, what, unit, values, at_least=None, at_most=None):
        """VALUES: one of each round."""
        self.rows.append((what, unit, values, at_least, at_most))
        print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def line(row):
        what, unit, values, least, most = row
        middle = statistics.median(values)
        goal, kept = "", ""
        if least is not None:
            goal, kept = ">= %g" % least, middle >= least
        if most is not None:
            goal, kept = "<= %g" % most, middle <= most
        return "| %s | %s | %s | %s - %s | %d | %s | %s |" % (
            what, short(middle), unit, short(min(values)), short(max(values)),
            len(values), goal, "" if kept == "" else "yes" if kept else "NO")

    def table(self):
        return "\n".join(
            ["## " + self.title, "", machine(), "",
             "| what | median | of | lowest - highest | rounds | goal | kept |",
             "| --- | --- | --- | --- | --- | --- | --- |"] +
            [self.line(r) for r in self.rows]) + "\n"

    def write(self):
        with open("%s/%s.md" % (FOLDER, self.name), "w") as f:
            f.write(self.table())
        with open("%s/%s.svg" % (FOLDER, self.name), "w") as f:
            f.write(self.plot())
        print("written: %s/%s.md and .svg" % (FOLDER, self.name))

    def plot(self):
        """Each row has a scale of its own: from nothing to its largest value;
        dots are rounds, the bar is the median, the red line the goal."""
        out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
               'font-family="sans-serif" font-size="12">' % (
                   LEFT + WIDE + 80, LINE * (len(self.rows) + 2)),
               '<text x="8" y="18" font-weight="bold">%s</text>' %
               html.escape(self.title)]
        for n, row in enumerate(self.rows, 1):
            out += self.plot_row(n * LINE + LINE // 2, *row)
        return "\n".join(out + ["</svg>"]) + "\n"

    @staticmethod
    def plot_row(y, what, unit, values, least, most):
        goal = least if least is not None else most
        top = max(values + [goal or 0]) * 1.05 or 1
        middle = statistics.median(values)

        def x(value):
            return LEFT + WIDE * value / top

        out = ['<text x="8" y="%d">%s</text>' % (
                   y + 4, html.escape("%s, %s" % (what, unit))),
               '<rect x="%d" y="%d" width="%.1f" height="12" fill="#9bc"/>' % (
                   LEFT, y - 6, x(middle) - LEFT),
               '<text x="%d" y="%d">%s</text>' % (
                   LEFT + WIDE + 8, y + 4, short(middle))]
        out += ['<circle cx="%.1f" cy="%d" r="2.5" fill="#235"/>' % (x(v), y)
                for v in values]
        if goal is not None:
            out.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" '
                       'stroke="#c22" stroke-width="2"/>' % (
                           x(goal), x(goal), y - 10, y + 10))
        return out
