#!/usr/bin/python3
"""Makes plans.txt, tests.txt and pairs.txt: numbers for the tests of collapse and slices.

plans.txt: confusion matrices and the merges of their classes, by error and by
bits, found by trying every pair at every step on relabelled rows, entropy by
scipy.
tests.txt: slices of tables of rows, their Wilson intervals and Fisher's exact
tests by scipy, and false discoveries controlled by the definition of Benjamini
and Hochberg.
pairs.txt: rows and the tests of all pairs of the levels of two columns.
Run from this folder.
"""
import itertools
import warnings

import numpy as np
from scipy import stats

rng = np.random.default_rng(11)


# ---- plans.txt: K, K x K counts, then twice: number of merges, and of each
#      class into errors_before errors_after bits_lost

def entropy(labels):
    return stats.entropy(np.unique(labels, return_counts=True)[1], base=2)


def plan(label, pred, by_bits):
    label, pred = label.copy(), pred.copy()
    whole = entropy(label)
    while True:
        names = np.union1d(label, pred)
        if len(names) <= 2:
            return
        before = int((label != pred).sum())
        tries = []
        for a, b in itertools.combinations(names, 2):
            to = {b: a}
            merged = np.array([to.get(x, x) for x in label])
            after = int((merged != [to.get(x, x) for x in pred]).sum())
            loss = round(entropy(label) - entropy(merged), 10)
            worth = (before - after) / loss if loss else np.inf
            tries.append((-worth if by_bits and after < before else 0,
                          after, loss, a, b))
        _, after, _, a, b = min(tries)
        if after == before:
            return
        n_a, n_b = (label == a).sum(), (label == b).sum()
        gone, into = (a, b) if n_a < n_b else (b, a)
        label[label == gone] = into
        pred[pred == gone] = into
        yield gone, into, before, after, whole - entropy(label)


def matrices():
    yield np.array([[50, 3, 0], [2, 40, 1], [0, 1, 10]])
    yield np.diag([5, 4, 3])                       # nothing is confused
    yield np.array([[5, 2, 0, 1], [2, 5, 1, 0], [0, 1, 5, 2], [1, 0, 2, 5]])
    yield np.array([[9, 0, 4], [0, 9, 0], [0, 0, 0]])  # only predicted
    yield np.array([[3, 2], [1, 4]])               # two already
    for k, share in [(6, .8), (12, .5), (20, .15)]:
        yield (rng.poisson(2, (k, k)) * (rng.random((k, k)) < share)
               + np.diag(rng.integers(0, 30, k)))


def make_plans():
    with open("plans.txt", "w") as out:
        for counts in matrices():
            k = len(counts)
            label, pred = (np.repeat(axis.ravel(), counts.ravel())
                           for axis in np.indices((k, k)))
            print(k, *counts.ravel(), file=out)
            for by_bits in (False, True):
                merges = list(plan(label, pred, by_bits))
                print(len(merges), file=out)
                for m in merges:
                    print(*m[:4], repr(float(m[4])), file=out)


# ---- tests.txt: rows errors m, then of each slice
#      n errors low high share excess p_value p_adjusted

def tables():
    yield 100, 20, [(10, 5), (10, 0), (50, 10), (99, 20), (30, 12)]
    yield 1000000, 100000, [(10, 4), (1000, 150), (200000, 20400),
                            (500000, 50000), (1000, 400), (999999, 99999)]
    yield 5000, 540, [(200, 60), (4800, 480), (2500, 290), (11, 11)]
    yield 40, 0, [(10, 0), (30, 0)]
    yield 40, 40, [(10, 10), (30, 30)]


def one_slice(rows, errors, n, k):
    low, high = stats.binomtest(k, n).proportion_ci(method="wilson")
    _, p = stats.fisher_exact([[k, n - k],
                               [errors - k, rows - n - errors + k]],
                              alternative="greater")
    return [n, k, low, high, k / errors if errors else np.nan,
            k - n * (errors - k) / (rows - n), p]


def adjust(p):
    """Of all cuts that reject p[i], the least m p / number rejected."""
    p = np.array(p)
    return [min(1, min(len(p) * cut / (p <= cut).sum() for cut in p[p >= q]))
            for q in p]


def make_tests():
    with open("tests.txt", "w") as out:
        for rows, errors, slices in tables():
            found = [one_slice(rows, errors, n, k) for n, k in slices]
            adjusted = adjust([s[-1] for s in found])
            print(rows, errors, len(slices), file=out)
            for s, p in zip(found, adjusted):
                print(*s[:2], *(repr(float(x)) for x in s[2:]), repr(float(p)),
                      file=out)


# ---- pairs.txt: 300 rows a b wrong, the number of pairs, then a b n errors p

def make_pairs(rows=300):
    a = rng.integers(0, 4, rows)
    b = rng.choice(5, rows, p=[.4, .3, .2, .08, .02])
    wrong = rng.random(rows) < np.where((a == 2) & (b == 1), .5, .15)
    pairs = []
    for x, y in itertools.product(range(1, 4), range(1, 5)):
        in_a, in_b = a == x, b == y
        part = in_a & in_b
        if 5 <= part.sum() < min(in_a.sum(), in_b.sum()):
            n, k = int(part.sum()), int(wrong[part].sum())
            p = one_slice(rows, int(wrong.sum()), n, k)[-1]
            pairs.append([x, y, n, k, repr(float(p))])
    with open("pairs.txt", "w") as out:
        for row in zip(a, b, wrong.astype(int)):
            print(*row, file=out)
        print(len(pairs), file=out)
        for pair in pairs:
            print(*pair, file=out)


warnings.simplefilter("error")
make_plans()
make_tests()
make_pairs()
