#!/usr/bin/python3
"""Makes cases.txt: power laws fitted by scipy, for the tests of learning curves.

A line a case: the number of sizes, the sizes, the values, the weights, then a,
b and c of a + b n^-c by scipy.optimize.curve_fit (trust region, bounds a, b >=
0 and .02 <= c <= 2), the best of many starting points.  Run from this folder.
"""
import numpy as np
from scipy import optimize

rng = np.random.default_rng(5)


def law(n, a, b, c):
    return a + b * n ** -c


def fit(n, y, w):
    best, least = None, np.inf
    for c in (.05, .2, .5, 1, 1.6):
        for a in (1e-3, .3 * y.min(), .9 * y.min()):
            start = (a, max((y[0] - a) * n[0] ** c, 1e-6), c)
            try:
                p, _ = optimize.curve_fit(
                    law, n, y, start, w ** -.5, bounds=((0, 0, .02),
                                                        (1, np.inf, 2)),
                    x_scale=np.maximum(start, 1e-3), ftol=1e-15, xtol=1e-15,
                    gtol=1e-15, max_nfev=20000)
            except RuntimeError:
                continue
            left = np.sum(w * (y - law(n, *p)) ** 2)
            if left < least:
                best, least = p, left
    return best


cases = [(.05, 2, .5, .004, [280, 560, 840, 1120, 1400]),
         (.1, 30, 1, .002, [100, 200, 400, 800, 1600, 3200]),
         (0, 1.5, .3, .003, [50, 100, 200, 400]),
         (.2, 5, .8, 0, [30, 100, 300]),
         (0, .6, .2, .01, [1000, 2000, 4000, 8000, 16000, 32000, 64000])]
with open("cases.txt", "w") as out:
    for a, b, c, noise, n in cases:
        n = np.array(n, float)
        y = law(n, a, b, c) + noise * rng.standard_normal(len(n))
        y = y.round(6)
        w = (1 / (y * (1 - y) / 500)).round(3)
        row = [len(n), *n.astype(int), *y, *w, *fit(n, y, w)]
        print(" ".join(f"{v:.10g}" for v in row), file=out)
