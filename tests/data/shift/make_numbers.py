#!/usr/bin/env python3
"""Two samples of numbers, and what number_shift has to say of them, by numpy
and scipy: numbers_values.txt (case, side, value) and numbers_expected.txt.

wasserstein and its interval follow number_shift.h, but on a table of all gaps,
with the folded normal distribution itself solved by Newton's method."""
import os

import numpy as np
from scipy import optimize, stats

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)
A = np.array([38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58])
B = np.array([39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8])
cases = {
    "methods": (A, B),
    "normal": (rng.normal(size=50), rng.normal(.6, 1, 40)),
    "alike": (rng.normal(size=60), rng.normal(size=45)),
    "skewed": (rng.lognormal(size=120), rng.lognormal(.8, 1, 25)),
    "wider": (rng.normal(size=150), rng.normal(0, 2, 90)),
    "ties": (np.round(rng.normal(size=80)), np.round(rng.normal(.5, 1, 70))),
}


def p_value(a, b, d):
    """Exact; with ties, by 400,000 shuffles."""
    pooled = np.concatenate([a, b])
    if len(np.unique(pooled)) == len(pooled):
        return stats.ks_2samp(a, b, method="exact").pvalue
    order = np.sort(pooled)
    end = np.append(order[1:] != order[:-1], True)
    hits = 0
    for _ in range(400):
        first = np.zeros((1000, len(pooled)), bool)
        first[:, :len(a)] = True
        first = rng.permuted(first, axis=1)
        gap = np.cumsum(first / len(a) - ~first / len(b), 1)[:, end]
        hits += (np.abs(gap).max(1) > d - 1e-9).sum()
    return hits / 400000


def unfolded(z):
    if z <= np.sqrt(2 / np.pi):
        return 0
    return optimize.brentq(lambda u: stats.foldnorm.mean(u) - z, 0, z + 1)


def distance(a, b, p):
    n, m = len(a), len(b)
    x = np.unique(np.concatenate([a, b]))
    f = np.searchsorted(np.sort(a), x[:-1], "right") / n
    g = np.searchsorted(np.sort(b), x[:-1], "right") / m
    tau = np.sqrt(f * (1 - f) / n + g * (1 - g) / m)
    z, gap = (f - g) / tau, np.diff(x)
    area = sum(t * unfolded(abs(k)) * w for t, k, w in zip(tau, z, gap))
    sign = np.where(np.abs(z) > 2, np.sign(z), 0)
    for i in range(1, len(sign)):
        sign[i] = sign[i] or sign[i - 1]
    clear = sign[sign != 0]
    first = clear[0] if len(clear) else np.sign(b.mean() - a.mean())
    sign[sign == 0] = first
    height = np.concatenate([[0], np.cumsum(sign * gap)])
    at = lambda v: height[np.searchsorted(x, v)]
    s2 = a.var(ddof=1)
    va = (at(a) + area / (2 * s2) * (a - a.mean()) ** 2).var(ddof=1) / n
    vb = at(b).var(ddof=1) / m
    df = (va + vb) ** 2 / (va ** 2 / (n - 1) + vb ** 2 / (m - 1))
    half = stats.t.ppf(.975, df) * np.sqrt(va + vb)
    raw = stats.wasserstein_distance(a, b)
    low = max(area - half, 0) if p < .05 else 0
    return np.array([area, raw, low, raw + half]) / np.sqrt(s2)


def mean_difference(a, b):
    n, m = len(a), len(b)
    df, root = n + m - 2, np.sqrt(n * m / (n + m))
    pooled = np.sqrt(((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / df)
    smd = (b.mean() - a.mean()) / pooled
    end = lambda p: optimize.brentq(
        lambda nc: stats.nct.cdf(smd * root, df, nc) - p, -40, 40) / root
    return smd, end(.975), end(.025)


with open(os.path.join(here, "numbers_values.txt"), "w") as values, \
        open(os.path.join(here, "numbers_expected.txt"), "w") as expected:
    for name, (a, b) in cases.items():
        a = a.astype(np.float32).astype(float)
        b = b.astype(np.float32).astype(float)
        for side, v in (("reference", a), ("current", b)):
            for number in v:
                values.write("%s %s %.9g\n" % (name, side, number))
        d = stats.ks_2samp(a, b).statistic
        p = p_value(a, b, d)
        w, raw, low, high = distance(a, b, p)
        smd, smd_low, smd_high = mean_difference(a, b)
        for key, v in (("d", d), ("p", p), ("wasserstein", w), ("raw", raw),
                       ("wasserstein.low", low), ("wasserstein.high", high),
                       ("smd", smd), ("smd.low", smd_low),
                       ("smd.high", smd_high)):
            expected.write("%s.%s %.10g\n" % (name, key, v))
