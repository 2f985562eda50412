#!/usr/bin/env python3
"""Distances of covariances and their gradients, by numpy: coral.txt.

A line a case: n m d, weights [n], x [n + m][d], distance, gradient [n + m][d].
The gradient is by differences of numpy's own covariances.
"""
import numpy as np


def distance(x, n, weight):
    source = np.atleast_2d(np.cov(x[:n].T, aweights=weight))
    target = np.atleast_2d(np.cov(x[n:].T))
    return np.sum((source - target) ** 2) / (np.sum(source**2) + np.sum(target**2))


def gradient(x, n, weight, step=1e-5):
    g = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[at] += step
        down[at] -= step
        g[at] = (distance(up, n, weight) - distance(down, n, weight)) / (2 * step)
    return g


rng = np.random.default_rng(1)
for n, m, d, weighted in ((6, 5, 3, False), (4, 7, 2, True), (2, 2, 1, False), (9, 3, 4, True)):
    weight = np.round(rng.uniform(0, 3, n), 3) if weighted else np.ones(n)
    x = np.round(rng.normal(size=(n + m, d)) * 2 + 1, 4)
    values = [n, m, d, *weight, *x.ravel(), distance(x, n, weight), *gradient(x, n, weight).ravel()]
    print(" ".join("%.9g" % v for v in values))
