#!/usr/bin/python3
"""Makes parts.csv and part_values.txt: what checks of parts should find.

A table of two parts, the second of which has another distribution in some
columns, levels that the first lacks, and rows of the first.  The values come
from scipy, or from counting all pairs.  Run from this folder.
"""
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

rng = np.random.default_rng(11)
TRAIN, TEST = 120, 60
n = TRAIN + TEST
test = np.arange(n) >= TRAIN

data = pd.DataFrame({
    "same": np.round(rng.normal(size=n), 3),
    "moved": np.round(rng.normal(size=n) + 1.2 * test, 1),
    "kind": np.where(test, rng.choice(list("abxy"), n), rng.choice(list("abc"), n)),
    "when": 1900 + np.arange(n),
    "owner": ["o%d" % (i // 4) for i in range(n)],
    "split": np.where(test, "test", "train"),
    "label": rng.choice(["p", "q"], n),
})
data.loc[TRAIN:TRAIN + 2, data.columns[:3]] = data.loc[3:5, data.columns[:3]].values
data.loc[TRAIN:TRAIN + 2, "label"] = data.loc[3:5, "label"].values
data.loc[TRAIN + 2, "label"] = "q" if data.loc[5, "label"] == "p" else "p"
data.loc[:9, "when"] = 2030
data.loc[TRAIN, "owner"] = "o1"
data.to_csv("parts.csv", index=False)

values = {}
a, b = data[~test], data[test]
p = {}
for c in ("same", "moved"):
    ks = stats.ks_2samp(a[c], b[c])
    values[c + ".d"] = ks.statistic
    values[c + ".wasserstein"] = (stats.wasserstein_distance(a[c], b[c])
                                  / a[c].std())
table = pd.crosstab(test, data.kind)
values["kind.v"] = np.sqrt(stats.chi2_contingency(table, correction=False)[0] / n)

pool = data.kind.value_counts()
f = TEST / n
new = ~b.kind.isin(a.kind)
values["kind.new"] = new.sum()
values["kind.expected"] = sum(c * f ** c for c in pool)

rows = [tuple(r) for r in data[["same", "moved", "kind", "label"]].values]
values["leak"] = sum(r in rows[:TRAIN] for r in rows[TRAIN:])
values["conflicts"] = sum(
    any(r[:3] == s[:3] and r[3] != s[3] for s in rows) for r in rows)
first = b.when.min()
values["late"] = (a.when >= first).sum()
values["straddle"] = b.owner.isin(a.owner).sum()

# lists of words
lists = [tuple(rng.choice(["w%d" % i for i in range(6)], 3)) for _ in range(200)]
with open("lists.txt", "w") as out:
    out.writelines(" ".join(x) + "\n" for x in lists)
apart = [sum(u != v for u, v in zip(x, y)) for x, y in combinations(lists, 2)]
values["lists.equal"] = apart.count(0)
values["lists.one_apart"] = apart.count(1)

# coincidence: the largest number of pairs that may be chance, by the tail
# 3 times the mean aside
for mean in (.5, 2):
    k = 0
    while stats.poisson.sf(k - 1, mean) > .001:
        k += 1
    values["chance.%g" % mean] = k - 1

with open("part_values.txt", "w") as out:
    out.writelines("%s %.12g\n" % item for item in sorted(values.items()))
