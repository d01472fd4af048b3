# SPDX-License-Identifier: Apache-2.0
"""From rounds of results to medians with their ranges, and to tables of them."""
import statistics

import figures


class Spread:
    """The median and the range over the rounds."""

    def __init__(self, values):
        self.median, self.low, self.high = statistics.median(values), min(values), max(values)

    def __str__(self):
        if self.low == self.high:
            return digits(self.median)
        return f"{digits(self.median)} ({digits(self.low)}–{digits(self.high)})"


def digits(value):
    """Three that mean something."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 or value == int(value) else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


class Row:
    """One figure of one gateway next to nginx's, and whether it meets its limit."""

    def __init__(self, key, figure, rounds, gateway):
        self.key, self.figure, self.gateway = key, figure, gateway
        self.value = spread(figure, rounds, gateway)
        standard = figures.MEASUREMENTS[figure.needs[0]].yardstick
        self.nginx = spread(figure, rounds, standard) if standard else None
        self.ratio = None
        if figure.yardstick and self.value and self.nginx:
            ratios = [ratio for one in rounds if (ratio := in_round(figure, one, gateway)) is not None]
            self.ratio = Spread(ratios) if ratios else None
        judged = self.ratio if figure.yardstick else self.value
        self.judged = judged
        self.verdict = ""
        if judged and figure.must is not None:
            good = judged.median <= figure.must
            self.verdict = "aim" if judged.median <= figure.aim else "must" if good else "misses"

    def limit(self, which):
        limit = getattr(self.figure, which)
        return "" if limit is None else digits(limit) + (" ×" if self.figure.yardstick else "")

    def cells(self):
        return [self.figure.title, self.figure.unit, str(self.nginx or ""), str(self.value), str(self.ratio or ""),
                self.limit("must"), self.limit("aim"), self.verdict]


def in_round(figure, results, gateway):
    """The ratio to nginx in the same round; None if nginx added nothing, as on a machine that others keep busy."""
    try:
        standard = figure.value(results, figure.yardstick)
        return figure.value(results, gateway) / standard if standard > 0 else None
    except KeyError:
        return None


def spread(figure, rounds, gateway):
    values = []
    for one in rounds:
        try:
            values.append(figure.value(one, gateway))
        except KeyError:  # not measured in this round
            pass
    return Spread(values) if values else None


HEADINGS = ["figure", "unit", "nginx", "{name}", "ratio in a round", "must", "aim", "reached"]


def rows(rounds, gateway):
    made = (Row(key, figure, rounds, gateway) for key, figure in figures.FIGURES.items())
    return [row for row in made if row.value]


def table(rounds, gateway):
    """Everything."""
    return aligned([[heading.format(name=gateway) for heading in HEADINGS]] +
                   [row.cells() for row in rows(rounds, gateway)])


# The figures in the project's README: a request, latency, a stream's first token, an agent, memory.
CHOSEN = ("small", "latency_p50", "first_p50", "agent", "memory_5000")


def short_table(rounds, gateway):
    """The medians of the chosen figures."""
    middle = lambda spread, unit: digits(spread.median) + unit if spread else ""
    return aligned([["", "nginx", gateway, "ratio", "must be"]] +
                   [[f"{row.figure.title}, {row.figure.unit}", middle(row.nginx, ""), middle(row.value, ""),
                     middle(row.ratio, ""), "at most " + row.limit("must")]
                    for row in rows(rounds, gateway) if row.key in CHOSEN and row.verdict])


def aligned(lines):
    """Markdown whose columns are aligned, so that it reads well in a terminal."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    padded = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    return "\n".join([padded[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|"] + padded[1:])
