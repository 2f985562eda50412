#!/usr/bin/python3
"""Makes levels.txt and angles.csv: mixes of levels, and means of features.

p of two levels by adding up scipy's hypergeometric probabilities, of more by
shuffling rows a hundred thousand times; p of the squared distance of means by
integrating the characteristic function of a weighted sum of chi-squares (Imhof
1961) with numpy's eigenvalues.  Run from this folder.
"""
import numpy as np
from scipy import integrate, stats

rng = np.random.default_rng(9)
values = {}

# Counts of METHODS, and chi-square as scipy has it.
reference, current = [16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]
chi2, p, df, _ = stats.chi2_contingency([reference, current])
values.update({"six.chi2": chi2, "six.p": p, "six.df": df})

# Two levels, some rows: all tables with as large a chi-square.
for name, (a, b) in {"few": ((1960, 40), (18, 2)),
                     "apart": ((20, 0), (0, 20)),
                     "uneven": ((0, 5), (100, 0))}.items():
    table = np.array([a, b], float)
    n, m = table[1].sum(), table[0].sum()
    total = table.sum(axis=0)

    def square(x):
        t = np.array([[total[0] - x, total[1] - (n - x)], [x, n - x]])
        e = t.sum(1)[:, None] * t.sum(0) / t.sum()
        return ((t - e) ** 2 / e).sum()

    support = np.arange(max(0, total[0] - m), min(n, total[0]) + 1)
    chance = stats.hypergeom(n + m, total[0], n).pmf(support)
    large = [square(x) >= square(table[1, 0]) * (1 - 1e-9) for x in support]
    values[name + ".chi2"] = square(table[1, 0])
    values[name + ".p"] = chance[np.array(large)].sum()

# Sparse levels beside two with many rows, by shuffling.
reference = np.array([900, 600, 9, 7, 5, 3, 2, 1, 1, 0])
current = np.array([290, 186, 5, 1, 4, 3, 0, 2, 1, 2])
rows = np.repeat(np.arange(10), reference + current)
share = current.sum() / len(rows)
expected = (reference + current) * share


def spread(counts):
    return ((counts - expected) ** 2 / expected).sum() / (1 - share)


seen = spread(current)
drawn = [spread(np.bincount(rng.permutation(rows)[:current.sum()],
                            minlength=10)) for _ in range(100000)]
values["sparse.chi2"] = seen
values["sparse.p"] = np.mean(np.array(drawn) >= seen * (1 - 1e-9))

# Features: cos and sin of 32 angles a row.
SIZES = (60, 40)
angles = [rng.normal(.3 * side, 1 + .2 * side, (n, 32)) * np.linspace(.1, 2, 32)
          for side, n in enumerate(SIZES)]
angles = [np.round(a, 4) for a in angles]
features = [np.hstack([np.cos(a), np.sin(a)]) for a in angles]
covariance = [np.cov(f, rowvar=False) for f in features]
apart = features[1].mean(0) - features[0].mean(0)
square = apart @ apart
values["features.mmd2"] = square - sum(
    np.trace(c) / n for c, n in zip(covariance, SIZES))
n, m = SIZES
nu = n + m - 2
pooled = ((n - 1) * covariance[0] + (m - 1) * covariance[1]) / nu
weight = np.clip(np.linalg.eigvalsh(pooled), 0, None)
trace, squares = weight.sum(), (weight ** 2).sum()
unbiased = nu ** 2 / ((nu + 2) * (nu - 1)) * (squares - trace ** 2 / nu)
weight = trace / 64 + (weight - trace / 64) * np.sqrt(
    (unbiased - trace ** 2 / 64) / (squares - trace ** 2 / 64))
weight = np.clip(weight, 0, None) * (1 / n + 1 / m)
mean = weight.sum()
variance = 2 * (weight ** 2).sum()
middle = (features[0].sum(0) + features[1].sum(0)) / (n + m)
within = (n * covariance[0] + m * covariance[1]) / (n + m)
cubes = 1 / n ** 3 + 1 / m ** 3
wide = 1 + cubes * (4 * middle @ within @ middle
                    - variance / (1 / n + 1 / m) ** 2) / variance
at = mean + (square - mean) / np.sqrt(wide)


def imhof(u):
    turn = .5 * np.arctan(weight * u).sum() - .5 * at * u
    return np.sin(turn) / (u * np.exp(.25 * np.log1p((weight * u) ** 2).sum()))


values["features.p"] = .5 + integrate.quad(imhof, 0, np.inf,
                                           limit=2000)[0] / np.pi
with open("levels.txt", "w") as out:
    for key, value in values.items():
        print(key, f"{value:.10g}", file=out)
np.savetxt("angles.csv", np.vstack(angles), fmt="%.4f", delimiter=",")
