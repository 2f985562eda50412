#!/usr/bin/python3
"""Makes trends.txt, for tests/unit/test_stats_course.c and
test_stats_agreement.c: slopes, rank tests, agreement, an assignment.

By scipy: theilslopes and kendalltau; the variance of Kendall's S with ties by
the sum over the groups as it is printed in the book.  Run from this folder.
"""
import math
from collections import Counter

import numpy as np
from scipy import optimize, stats
from sklearn import metrics

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


def agreement():
    """Labels and predictions of 60 rows, as the C test makes them."""
    label = [i * i % 7 % 3 for i in range(60)]
    pred = [(i * i % 7 + (i % 4 == 0)) % 3 for i in range(60)]
    n = len(label)
    rng = np.random.default_rng(3)
    drawn = [sum(np.array(pred) == rng.permutation(label))
             for _ in range(200000)]
    gain = np.array([[(7 * i * i + 5 * j * j + 3 * i * j) % 17
                      for j in range(6)] for i in range(6)])
    rows, columns = optimize.linear_sum_assignment(gain, maximize=True)
    return [("right", sum(a == b for a, b in zip(label, pred))),
            ("expected", sum(label.count(k) * pred.count(k)
                             for k in range(3)) / n),
            ("drawn_sd", np.std(drawn)),
            ("binomial_least", stats.binom.sf(11, 40, .2)),
            ("binomial_most", stats.binom.cdf(3, 40, .2)),
            ("assigned", gain[rows, columns].sum())]


with open("trends.txt", "w", encoding="ascii") as out:
    for name, y in SERIES.items():
        s, rises, falls = tails(y)
        fit = stats.theilslopes(y)
        for key, value in [("s", s), ("rises", rises), ("falls", falls),
                           ("slope", fit.slope), ("low", fit.low_slope),
                           ("high", fit.high_slope)]:
            out.write(f"{name}.{key} {float(value):.12g}\n")
    for name, value in agreement():
        out.write(f"agreement.{name} {float(value):.12g}\n")
