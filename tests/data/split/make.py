#!/usr/bin/python3
"""Makes groups.txt: groups of rows, and how well scikit-learn divides them.

For each case the counts of each class in each group, and the largest
difference of a class's share between a fold of StratifiedGroupKFold and the
whole (the best of ten seeds).  Run from this folder.
"""
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

rng = np.random.default_rng(11)


def folds(counts, parts):
    """The least of the largest differences over ten seeds."""
    label, group = [], []
    for g, row in enumerate(counts):
        for c, n in enumerate(row):
            label += [c] * n
            group += [g] * n
    label, group = np.array(label), np.array(group)
    whole = np.bincount(label, minlength=counts.shape[1]) / len(label)
    best = 1.0
    for seed in range(10):
        kfold = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        worst = 0.0
        for _, test in kfold.split(label, label, group):
            share = np.bincount(label[test], minlength=len(whole)) / len(test)
            worst = max(worst, abs(share - whole).max())
        best = min(best, worst)
    return best


def cases():
    for n, classes, parts, mean in [(40, 2, 5, 6), (100, 2, 10, 3),
                                    (60, 4, 3, 4), (300, 3, 5, 2)]:
        lean = rng.dirichlet([.7] * classes, n)
        size = 1 + rng.geometric(1 / (mean * classes), n)
        yield f"mixed_{n}", parts, np.array(
            [rng.multinomial(s, p) for s, p in zip(size, lean)])
    # One class a group, as of authors who write in one genre only.
    counts = np.zeros((120, 3), int)
    counts[np.arange(120), rng.choice(3, 120, p=[.6, .3, .1])] = \
        1 + rng.geometric(.2, 120)
    yield "pure_120", 4, counts
    # A few large ones among many small ones.
    counts = rng.poisson(1, (200, 2))
    counts[:, 0] += 1
    counts[:6] += rng.integers(20, 60, (6, 2))
    yield "large_200", 5, counts


with open("groups.txt", "w", encoding="ascii") as out:
    for name, parts, counts in cases():
        print(f"case {name} parts {parts} classes {counts.shape[1]} groups "
              f"{len(counts)} folds {folds(counts, parts):.6f}", file=out)
        for row in counts:
            print(*row, file=out)
