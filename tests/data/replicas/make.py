#!/usr/bin/python3
"""Makes replica_rows.txt, predictions.csv and expected.csv: several models of the
same rows, and their noise, bias and variance.

Every number comes from the plainest reading of its definition: expectations
over replicas and over the truth are sums over all pairs of the two, c1 and c2
are the conditional probabilities they are, and squared distances are between
vectors.  Run from this folder.
"""
import csv
import math

import numpy as np

rng = np.random.default_rng(3)
CLASSES = ["a", "b", "c", "d"]
K, R, N = 4, 7, 40
ORDER = [2, 0, 3, 1]  # of the p: columns
KINDS = ["domingos", "kohavi_wolpert", "brier", "log_loss"]


def unit(k):
    return np.eye(K)[k]


def zero_one(preds, truth, best):
    """truth: [(class, weight)]; best: the best prediction."""
    n = len(preds)

    def share(test):
        return sum(1 for p in preds if test(p)) / n

    votes = [sum(p == k for p in preds) for k in range(K)]
    main = votes.index(max(votes))
    loss = sum(w * share(lambda p, t=t: p != t) for t, w in truth)
    bias = float(main != best)
    variance = share(lambda p: p != main)
    c2 = 1.0
    if bias:
        others = [p for p in preds if p != main]
        c2 = -sum(p == best for p in others) / len(others) if others else 0
    wrong = sum(w for t, w in truth if t != best)
    c1 = share(lambda p: p == best)
    if wrong:
        # P(y = t | y != y*, t != y*) P(y != y*): pairs of replica and truth
        c1 -= sum(w / wrong * share(lambda p, t=t: p == t)
                  for t, w in truth if t != best)
    net = c2 * variance
    assert abs(loss - (c1 * wrong + bias + net)) < 1e-12
    return [loss, c1 * wrong, bias, variance, net,
            variance * (1 - bias), variance * bias]


def quadratic(vectors, truth, target, scale):
    """vectors: what each replica says; target: the distribution of t."""
    mean = np.mean(vectors, axis=0)

    def pairs(f):
        return sum(w * np.mean([f(t, v) for v in vectors]) for t, w in truth)

    loss = scale * pairs(lambda t, v: ((unit(t) - v) ** 2).sum())
    bias = scale * ((target - mean) ** 2).sum()
    variance = scale * np.mean([((v - mean) ** 2).sum() for v in vectors])
    own = sum(w * ((unit(t) - mean) ** 2).sum() for t, w in truth)
    noise = scale * (own - ((target - mean) ** 2).sum())
    n = len(vectors)
    sample = scale * sum(np.var([v[k] for v in vectors], ddof=1)
                         for k in range(K))
    return [loss, noise, bias, variance, variance,
            bias - sample / n, sample]


def log_loss(vectors, truth, target):
    logs = np.log(vectors)
    loss = sum(w * np.mean(-logs[:, t]) for t, w in truth)
    main = np.exp(logs.mean(axis=0))
    main /= main.sum()
    bias = sum(q * math.log(q / p) for q, p in zip(target, main) if q > 0)
    variance = np.mean([(main * (np.log(main) - row)).sum() for row in logs])
    entropy = -sum(q * math.log(q) for q in target if q > 0)
    noise = entropy + loss - sum(q * np.mean(-logs[:, k])
                                 for k, q in enumerate(target))
    assert abs(loss - (noise + bias + variance)) < 1e-12
    return [loss, noise, bias, variance, variance, 0, 0]


def parts(kind, preds, probs, truth, target):
    best = int(np.argmax(target))
    if kind == "domingos":
        return zero_one(preds, truth, best)
    if kind == "kohavi_wolpert":
        return quadratic([unit(p) for p in preds], truth, target, .5)
    if kind == "brier":
        return quadratic(probs, truth, target, 1)
    return log_loss(probs, truth, target)


def make_row(i):
    centre = rng.dirichlet(np.ones(K)) * 3 + .2
    probs = np.array([rng.dirichlet(centre) for _ in range(R)])
    probs = np.round(probs * .96 + .01, 4)
    probs[:, 0] += 1 - probs.sum(axis=1)
    probs = np.round(probs, 4)
    preds = [int(np.argmax(p)) for p in probs]
    there = [r for r in range(R) if not (i % 9 == 4 and r % 3 == 0)]
    label = int(rng.choice(K, p=centre / centre.sum()))
    chance = np.round(rng.dirichlet(centre), 3)
    chance[label] += 1 - chance.sum()
    return label, preds, probs, there, chance


NAMES = {"domingos": ("variance_unbiased", "variance_biased"),
         "log_loss": ()}


def write_expected(rows):
    with open("expected.csv", "w", newline="") as file:
        w = csv.writer(file, lineterminator="\n")
        w.writerow(["decomposition", "class", "name", "value"])
        for kind in KINDS:
            extra = NAMES.get(kind, ("bias_corrected", "variance_corrected"))
            names = ("loss", "noise", "bias", "variance", "net_variance",
                     *extra)
            for which in [None, 0, 1, 2, 3]:
                values = [parts(kind, [preds[r] for r in there], probs[there],
                                [(label, 1)], unit(label))
                          for label, preds, probs, there, _ in rows
                          if which is None or label == which]
                mean = np.mean(values, axis=0)
                for name, value in zip(names, mean):
                    if name != "noise":
                        w.writerow([kind,
                                    "" if which is None else CLASSES[which],
                                    name, f"{value:.12g}"])


def write_predictions(rows):
    with open("predictions.csv", "w", newline="") as file:
        w = csv.writer(file, lineterminator="\n")
        w.writerow(["id", "split", "label", "pred", "replica"] +
                   [f"p:{CLASSES[k]}" for k in ORDER])
        for r in range(R):
            for i, (label, preds, probs, there, _) in enumerate(rows):
                if r in there:
                    w.writerow([f"r{i + 1}", "val" if i % 2 else "test",
                                CLASSES[label], CLASSES[preds[r]], r + 1] +
                               [f"{probs[r][k]:.4f}" for k in ORDER])


def write_rows(rows):
    """label, replicas, votes, sums of p, of p², of ln p, the distribution of
    t; then for each decomposition 7 parts: of the label; of the label as a
    draw; of all draws."""
    with open("replica_rows.txt", "w") as file:
        for label, preds, probs, there, chance in rows:
            preds = [preds[r] for r in there]
            probs = probs[there]
            out = [label, len(there)]
            out += [preds.count(k) for k in range(K)]
            out += list(probs.sum(axis=0)) + [(probs ** 2).sum()]
            out += list(np.log(probs).sum(axis=0)) + list(chance)
            for kind in KINDS:
                out += parts(kind, preds, probs, [(label, 1)], unit(label))
                out += parts(kind, preds, probs, [(label, 1)], chance)
                out += parts(kind, preds, probs, list(enumerate(chance)),
                             chance)
            file.write(" ".join(f"{float(x):.15g}" for x in out) + "\n")


rows = [make_row(i) for i in range(N)]
write_rows(rows)
write_predictions(rows)
write_expected(rows)
