#!/usr/bin/python3
"""Makes alignment.txt: a probe, neighbours and scatter by numpy, scikit-learn.

The rows are a formula, the same in tests/unit/test_stats_dependence.c.  Run
from this folder.
"""
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestNeighbors

N, WIDTH, CLASSES = 60, 4, 3
i = np.arange(N)
x = np.stack([np.sin(.7 * i * (c + 1) + c) for c in range(WIDTH)], 1)
x = x.astype(np.float32).astype(float)
label = (x[:, 0] + .5 * x[:, 1] > .3).astype(int) + (i % 5 == 0)
out = open("alignment.txt", "w")


def put(name, value):
    out.write(f"{name} {float(value)!r}\n")


def association(score, y):
    """T, its mean and deviation over all orders of y, by the definition."""
    n = len(y)
    a = score[:, y]
    b = a - a.mean(0) - a.mean(1, keepdims=True) + a.mean()
    return (score[np.arange(n), y].sum(), a.sum() / n,
            np.sqrt((b ** 2).sum() / (n - 1)))


def probe():
    one_hot = np.eye(CLASSES)[label]
    sums, sd = [], []
    for parity in 0, 1:
        fit, judge = i % 2 == parity, i % 2 != parity
        centred = x[fit] - x[fit].mean(0)
        ridge = .3 * (centred ** 2).sum() / WIDTH
        model = Ridge(alpha=ridge + 1e-9 * N / 2).fit(x[fit], one_hot[fit])
        score = (x[judge] - x[fit].mean(0)) @ model.coef_.T
        t, mean, deviation = association(score, label[judge])
        sums.append(t - mean)
        sd.append(deviation)
    put("probe.lead", sum(sums))
    put("probe.sd", sum(sd))
    put("probe.z", sum(sums) / sum(sd))


def neighbours():
    distance, near = NearestNeighbors(n_neighbors=4).fit(x).kneighbors(x)
    put("neighbours.first", near[:, 1].sum())
    put("neighbours.third", near[:, 3].sum())
    put("neighbours.distance", distance[:, 1].sum())


probe()
neighbours()
