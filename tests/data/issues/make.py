#!/usr/bin/python3
"""Makes rows.txt: confident learning on small random data, in its plainest form.

All probabilities are in memory, every choice is a stable sort, shares are
fractions.  A line "case NAME ROWS CLASSES", one "threshold" (nan: no row has
the label), one "joint" (Q, row by row), one "noise": rate,
low, high; wrong rows among those pruned by noise rate, low, high; then a line a row:
its label, what prunes it (1 noise rate, 2 class, 4 off the diagonal, 8 argmax,
added up), and its probabilities.  Run from this folder.
"""
from fractions import Fraction

import numpy as np
from scipy import stats

rng = np.random.default_rng(11)


def largest_remainder(shares, total):
    quota = [Fraction(int(s)) * total / int(sum(shares)) for s in shares]
    count = [int(q) for q in quota]
    order = sorted(range(len(quota)), key=lambda j: count[j] - quota[j])
    for j in order[:total - sum(count)]:
        count[j] += 1
    return count


def confident_class(p, threshold):
    reached = [j for j in range(len(p)) if p[j] >= threshold[j] - 1e-6]
    return max(reached, key=lambda j: p[j]) if reached else None


def confident_joint(label, p, classes):
    n = [int((label == k).sum()) for k in range(classes)]
    threshold = [p[label == k, k].mean() if n[k] else np.nan
                 for k in range(classes)]
    joint = np.zeros((classes, classes), int)
    off = np.zeros(len(label), bool)
    for i, k in enumerate(label):
        j = confident_class(p[i], threshold)
        if j is not None:
            joint[k, j] += 1
            off[i] = j != k
    for k in range(classes):
        joint[k, k] = max(joint[k, k], 1)
        joint[k] = largest_remainder(joint[k], n[k])
    return threshold, joint, off


def prune(label, p, classes):
    threshold, joint, off = confident_joint(label, p, classes)
    flags = np.zeros(len(label), int)
    for k in range(classes):
        rows = np.flatnonzero(label == k)
        for j in range(classes):
            if j != k:
                order = np.argsort(p[rows, k] - p[rows, j], kind="stable")
                flags[rows[order[:joint[k, j]]]] |= 1
        order = np.argsort(p[rows, k], kind="stable")
        flags[rows[order[:len(rows) - joint[k, k]]]] |= 2
    flags |= 4 * off + 8
    own = p[np.arange(len(label)), label]
    flags[own + 1e-6 >= p.max(axis=1)] = 0
    return threshold, joint, flags


def wilson(k, n):
    ci = stats.binomtest(int(k), int(n)).proportion_ci(method="wilson")
    return ci.low, ci.high


def surest(pred, bins, part):
    """The rows in the surest bins of each class that hold `part` of it."""
    chosen = np.zeros(len(pred), bool)
    for j in set(pred):
        rows = pred == j
        for cut in range(47, -1, -1):
            at = rows & (bins >= cut)
            if at.sum() >= part * rows.sum():
                break
        chosen |= at
    return chosen


def noise(label, p, listed):
    pred = p.argmax(axis=1)
    other = pred != label
    unsure = np.maximum(1 - p.max(axis=1), 2.0 ** -24)
    bins = np.clip(np.floor(-2 * np.log2(unsure)), 0, 47).astype(int)
    anchor = surest(pred, bins, .5)
    share = {j: other[anchor & (pred == j)].mean() for j in set(pred)}
    rate = np.mean([share[j] for j in pred])
    lows, shares, part = [], [], .5
    while part == .5 or part * len(label) >= 50:
        at = surest(pred, bins, part)
        lows.append(wilson(other[at].sum(), at.sum())[0])
        shares.append(other[at].mean())
        if len(shares) > 1 and shares[-1] >= shares[-2]:
            break
        part /= 2
    pooled = shares[0]
    scale = rate / pooled if pooled else 1
    low = min(lows) * scale
    high = min(3 * scale * wilson(other[anchor].sum(), anchor.sum())[1],
               wilson(other.sum(), len(label))[1])
    high = max(high, rate)
    wrong = wrong_low = 0
    for j, b in set(zip(pred, bins)):
        at = (pred == j) & (bins == b)
        expected, count = share[j] * at.sum(), (at & listed).sum()
        wrong += min(count, expected)
        if count and rate:
            wrong_low += count * min(1, expected * low / rate / other[at].sum())
    wrong_high = min(listed.sum(), max(wrong, high * len(label)))
    return rate, low, high, wrong, wrong_low, wrong_high


def draw(rows, prior, noise, sure):
    """Labels of which a share is drawn anew, and a model's probabilities."""
    classes = len(prior)
    truth = rng.choice(classes, rows, p=prior)
    label = np.where(rng.random(rows) < noise,
                     rng.choice(classes, rows, p=prior), truth)
    logit = rng.normal(size=(rows, classes))
    logit[np.arange(rows), truth] += sure
    p = np.exp(logit)
    return label, p / p.sum(axis=1, keepdims=True)


def eighths(p):
    count = np.floor(p * 8)
    count[np.arange(len(p)), p.argmax(axis=1)] += 8 - count.sum(axis=1)
    return count / 8


def cases():
    yield "two", *draw(150, [.7, .3], .2, 2.5)
    yield "unbalanced", *draw(300, [.6, .3, .08, .02], .15, 3)
    label, p = draw(250, [.5, .3, .2], .3, 1.5)
    yield "ties", label, eighths(p)
    yield "vague", *draw(200, [.4, .2, .2, .1, .1], .6, .3)
    label, p = draw(160, [.4, .2, .2, .1, .1], .6, .2)
    yield "vague_ties", label, eighths(p)
    label, p = draw(120, [.4, .3, .2, .1], .2, 2)
    yield "never_given", np.where(label == 2, 0, label), p
    yield "many", *draw(100, [1 / 25] * 25, .2, 4)


def main():
    with open("rows.txt", "w") as out:
        for name, label, p in cases():
            classes = p.shape[1]
            p = np.array([[float(f"{x:.4g}") for x in row] for row in p],
                         dtype=np.float32).astype(float)
            threshold, joint, flags = prune(label, p, classes)
            print("case", name, len(label), classes, file=out)
            print("threshold", *(f"{t:.9g}" for t in threshold), file=out)
            print("joint", *joint.ravel(), file=out)
            print("noise", *(f"{x:.9g}" for x in noise(label, p, flags & 1 > 0)),
                  file=out)
            for k, f, row in zip(label, flags, p):
                print(k, f, *(f"{np.float32(x)}" for x in row), file=out)


main()
