#!/usr/bin/python3
"""Makes expected.txt: slopes and rank tests for tests/unit/test_stats_course.c.

By scipy: theilslopes and kendalltau; the variance of Kendall's S with ties by
the sum over the groups as it is printed in the book.  Run from this folder.
"""
import math
from collections import Counter

from scipy import stats

SERIES = {
    "falling": [2.31, 1.70, 1.42, 1.10, 1.21, 0.93, 0.71, 0.74, 0.52],
    "flat": [0.7, 0.9, 0.6, 0.8, 0.75, 0.65, 0.85, 0.72],
    "tied": [3, 3, 2, 2, 2, 4, 5, 5, 1, 3, 6, 6],
    "long": [1 / (1 + i / 20) + 0.02 * math.sin(7 * i * i) for i in range(60)],
}


def tails(y):
    n = len(y)
    pairs = n * (n - 1) / 2
    s = sum((y[j] > y[i]) - (y[j] < y[i]) for i in range(n)
            for j in range(i + 1, n))
    ties = Counter(y)
    if max(ties.values()) == 1 and n <= 40:
        tau = stats.kendalltau(range(n), y, method="exact",
                               alternative="greater")
        other = stats.kendalltau(range(n), y, method="exact",
                                 alternative="less")
        assert abs(tau.statistic * pairs - s) < 1e-9
        return s, tau.pvalue, other.pvalue
    var = (n * (n - 1) * (2 * n + 5) -
           sum(t * (t - 1) * (2 * t + 5) for t in ties.values())) / 18
    return (s, stats.norm.sf((s - 1) / math.sqrt(var)),
            stats.norm.sf((-s - 1) / math.sqrt(var)))


with open("expected.txt", "w", encoding="ascii") as out:
    for name, y in SERIES.items():
        s, rises, falls = tails(y)
        fit = stats.theilslopes(y)
        for key, value in [("s", s), ("rises", rises), ("falls", falls),
                           ("slope", fit.slope), ("low", fit.low_slope),
                           ("high", fit.high_slope)]:
            out.write(f"{name}.{key} {float(value):.12g}\n")
