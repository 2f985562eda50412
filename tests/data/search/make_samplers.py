"""Writes samplers.txt: a density of stats/parzen.h, by scipy."""
import numpy as np
from scipy.stats import truncnorm

rng = np.random.default_rng(5)
choices = [0, 3, 0, 2, 0]
least = [.01, 0, .2, 0, .01]
n, width = 7, len(choices)


def draw():
    x = [rng.random() if k == 0 else rng.integers(k) for k in choices]
    for j in (2, 3):
        if rng.random() < .3:
            x[j] = np.nan
    return np.array([float("%.6g" % v) for v in x])


seen = [draw() for _ in range(n)]
seen[0][0], seen[1][0] = 0, 1
weight = [float(w) for w in range(n, 0, -1)]
numbers = sum(k == 0 for k in choices)
h = [max(b, .08 * n ** (-1 / (numbers + 1))) for b in least]
s = 2 / (n + 1)


def factor(j, x, about):
    k = choices[j]
    if np.isnan(x):
        return 1
    if np.isnan(about):
        return 1 / max(k, 1)
    if k:
        return ((x == about) + s) / (1 + s * k)
    return truncnorm.pdf(x, -about / h[j], (1 - about) / h[j], about, h[j])


def density(x):
    kernels = [np.full(width, np.nan)] + seen
    return np.average(
        [np.prod([factor(j, x[j], p[j]) for j in range(width)])
         for p in kernels], weights=[1] + weight)


with open("samplers.txt", "w") as out:
    for p, w in zip(seen, weight):
        print("seen", *p, w, file=out)
    for x in seen[:3] + [draw() for _ in range(9)]:
        print("point", *x, np.log(density(x)), file=out)
