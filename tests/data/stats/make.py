#!/usr/bin/python3
"""Makes rows.csv and expected.txt: numbers for the tests of lib/stats.

Computed with scipy and scikit-learn where they have the method, and else by
the plainest reading of its definition (all pairs for DeLong, a scan for the
coverage), never by the way the C code goes about it.  Run from this folder.
"""
import math

import numpy as np
from scipy import stats
from sklearn import metrics

rng = np.random.default_rng(7)
expected = {}


def put(name, value):
    expected[name] = float(value)


def put_interval(name, pair):
    put(name + ".low", pair[0])
    put(name + ".high", pair[1])


def wilson(k, n):
    ci = stats.binomtest(k, n).proportion_ci(method="wilson")
    return ci.low, ci.high


def newcombe(k1, n1, k2, n2):
    (l1, u1), (l2, u2) = wilson(k1, n1), wilson(k2, n2)
    p1, p2 = k1 / n1, k2 / n2
    return (p1 - p2 - math.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2),
            p1 - p2 + math.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2))


def intervals():
    for k, n in [(870, 1000), (0, 20), (20, 20), (1, 3), (81, 263)]:
        put_interval(f"wilson.{k}.{n}", wilson(k, n))
    for args in [(56, 70, 48, 80), (9, 10, 3, 10), (0, 10, 0, 20)]:
        put_interval("newcombe." + ".".join(map(str, args)), newcombe(*args))
    for p in [.5, .8, .975, 1e-10]:
        put(f"normal_quantile.{p:g}", stats.norm.ppf(p))
    for mean, variance, n in [(1.5, 2.25, 2), (1.5, 2.25, 10), (0, 1, 10**7)]:
        scale = math.sqrt(variance / n)
        put_interval(f"mean.{n}", stats.t.interval(.95, n - 1, mean, scale))
    draws = [((i * 37) % 101) ** 1.5 for i in range(101)] + [1e6]
    put_interval("draws", np.quantile(draws, [.025, .975]))


def make_rows(n=400):
    label = rng.choice(5, n, p=[.4, .3, .2, .08, .02])
    pred = np.where(rng.random(n) < .75, label, rng.choice(4, n))
    prob = np.clip(np.where(pred == label, rng.beta(5, 1.5, n),
                            rng.beta(3, 2, n)), .2, 1).round(2)
    positive = (label == 0).astype(int)
    score = (positive * .9 + rng.normal(size=n)).round(1)
    loss = -np.log(np.where(pred == label, prob, (1 - prob) / 4 + 1e-3))
    return label, pred, prob, score, positive, loss


def confusion(label, pred):
    p, r, f, n = metrics.precision_recall_fscore_support(
        label, pred, labels=range(5), zero_division=0)
    for k in range(5):
        put(f"precision.{k}", p[k])
        put(f"recall.{k}", r[k])
        put(f"f1.{k}", f[k])
        put(f"n.{k}", n[k])
        put(f"predicted.{k}", (pred == k).sum())
        both = int(((label == k) & (pred == k)).sum())
        union = int(((label == k) | (pred == k)).sum())
        put_interval(f"f1_ci.{k}",
                     [2 * j / (1 + j) for j in wilson(both, union)])
    put("error", 1 - metrics.accuracy_score(label, pred))
    put("macro_f1", metrics.f1_score(label, pred, average="macro",
                                     zero_division=0))
    put("balanced_error", 1 - metrics.balanced_accuracy_score(label, pred))
    rows = []
    for _ in range(20000):
        i = rng.integers(0, len(label), len(label))
        rows.append(metrics_of(label[i], pred[i]))
    put_interval("macro_f1_bootstrap", np.quantile(rows, [.025, .975]))


def metrics_of(label, pred):
    m = np.zeros((5, 5))
    np.add.at(m, (label, pred), 1)
    both = m.sum(0) + m.sum(1)
    return (2 * np.diag(m)[both > 0] / both[both > 0]).mean()


def auroc(score, positive):
    x, y = score[positive == 1], score[positive == 0]
    wins = (x[:, None] > y) + .5 * (x[:, None] == y)
    area = metrics.roc_auc_score(positive, score)
    variance = (wins.mean(1).var(ddof=1) / len(x)
                + wins.mean(0).var(ddof=1) / len(y))
    half = 1.959963984540054 * math.sqrt(variance) / (area * (1 - area))
    logit = math.log(area / (1 - area))
    put("auroc", area)
    put("auroc.variance", variance)
    put_interval("auroc", [1 / (1 + math.exp(-(logit + s * half)))
                           for s in (-1, 1)])


def calibration(prob, correct):
    ece = 0
    for b in range(15):
        at = (prob > b / 15) & (prob <= (b + 1) / 15)
        if at.any():
            ece += at.mean() * abs(correct[at].mean() - prob[at].mean())
    put("ece", ece)


def clopper_pearson_upper(k, n):
    return 1 if k == n else stats.beta.ppf(.95, k + 1, n - k)


def coverage(prob, correct, goal):
    n, prob = len(prob), prob.astype(np.float32)
    sets = [(t, prob >= t) for t in np.unique(prob)[::-1]]
    good = [(t, at.sum()) for t, at in sets if 1 - correct[at].mean() <= goal]
    put(f"observed.{goal}.threshold", good[-1][0])
    put(f"observed.{goal}.n", good[-1][1])
    firsts = [next((m for m in range(1, n + 1)
                    if clopper_pearson_upper(k, m) <= goal), n + 1)
              for k in range(6)]
    first = max([m for m in firsts if m <= n // 5], default=firsts[0])
    best, ordered = None, np.sort(prob)[::-1]
    for i in range(100):
        if first > n:
            break
        at = prob >= ordered[first + math.ceil((n - first) * i / 99) - 1]
        if clopper_pearson_upper(int((1 - correct[at]).sum()),
                                 int(at.sum())) > goal:
            break
        best = at.sum()
    put(f"promised.{goal}.n", -1 if best is None else best)


def passing():
    for goal in (.1, .03):
        for k in (0, 1, 5, 20, 60):
            n = k + 1
            while clopper_pearson_upper(k, n) > goal:
                n += 1
            put(f"passing.{goal:g}.{k}", n)


def rows_needed():
    z = stats.norm.ppf(.975), stats.norm.ppf(.8)
    for a, b in [(.1, .2), (.02, .031), (.126, .115)]:
        p = (a + b) / 2
        root = (z[0] * math.sqrt(2 * p * (1 - p))
                + z[1] * math.sqrt(a * (1 - a) + b * (1 - b)))
        put(f"rows_needed.{a}.{b}", math.ceil(root ** 2 / (a - b) ** 2))


def main():
    intervals()
    rows_needed()
    passing()
    label, pred, prob, score, positive, loss = make_rows()
    correct = (label == pred).astype(int)
    confusion(label, pred)
    auroc(score, positive)
    calibration(prob, correct)
    for goal in (.05, .1, .2, .25):
        coverage(prob, correct, goal)
    loss = np.array([float(f"{x:.6g}") for x in loss])
    put("loss.mean", loss.mean())
    put("loss.variance", loss.var(ddof=1))
    put_interval("loss", stats.t.interval(.95, len(loss) - 1, loss.mean(),
                                          stats.sem(loss)))
    with open("rows.csv", "w") as out:
        print("label,pred,prob,score,positive,loss", file=out)
        for row in zip(label, pred, prob, score, positive, loss):
            print(*(f"{x:.6g}" for x in row), sep=",", file=out)
    with open("expected.txt", "w") as out:
        for name, value in expected.items():
            print(name, repr(value), file=out)


main()
