#!/usr/bin/python3
"""Makes judgements.csv, scores.csv and gap_values.txt: numbers for the tests of
gaps, scores and annotators.

Dawid and Skene's EM is written here with dense arrays from the definition in
lib/stats/annotators.h; weights and groups by sums over rows; the interval of a
mean of proportions by a search with scipy for the constrained maximum of the
likelihood.  Run from this folder.
"""
import math
import warnings

import numpy as np
from scipy import integrate, optimize, stats
from sklearn import metrics

warnings.simplefilter("ignore", RuntimeWarning)
rng = np.random.default_rng(11)
expected = {}
Z = stats.norm.ppf(.975)


def put(name, value):
    expected[name] = float(value)


def put_interval(name, pair):
    put(name + ".low", pair[0])
    put(name + ".high", pair[1])


# ---- persons ----

def make_judgements(n=150, persons=4, classes=3):
    truth = rng.choice(classes, n, p=[.5, .3, .2])
    said = np.empty((n, persons), int)
    for a in range(persons):
        for i in range(n):
            row = np.full(classes, .03 + .05 * a)
            row[truth[i]] = 1 - row.sum() + row[truth[i]]
            if a == 3 and truth[i] == 2:
                row = np.array([.1, .4, .5])
            said[i, a] = rng.choice(classes, p=row)
    said[rng.random((n, persons)) < .15] = -1
    with open("judgements.csv", "w") as out:
        out.write("a,b,c,d\n")
        for row in said:
            out.write(",".join(map(str, row)) + "\n")
    return said


def dawid_skene(said, weight, K, s, rounds=20000):
    n, A = said.shape
    one = np.zeros((n, A, K))
    for i in range(n):
        for a in range(A):
            if said[i, a] >= 0:
                one[i, a, said[i, a]] = 1
    judged = one.sum(2)
    post = one.sum(1) / judged.sum(1)[:, None]
    before = np.full(A, 9.)
    for _ in range(rounds):
        count = np.einsum("i,ik,iac->akc", weight, post, one)
        wrong = np.array([count[a].sum() - np.trace(count[a])
                          for a in range(A)])
        every = count.sum((1, 2))
        pooled = (wrong.sum() + .5) / (every.sum() + 1)
        coin = (wrong + s * pooled) / (every + s)
        theta = np.empty((A, K, K))
        for a in range(A):
            like = np.full((K, K), coin[a] / (K - 1))
            np.fill_diagonal(like, 1 - coin[a])
            theta[a] = (count[a] + s * like) / \
                (count[a].sum(1, keepdims=True) + s)
        prior = (weight @ post + 1 / K) / (weight.sum() + 1)
        error = wrong / every
        if abs(error - before).max() <= 1e-12:
            break
        before = error
        logp = np.log(prior) + np.einsum("iac,akc->ik", one, np.log(theta))
        post = np.exp(logp - logp.max(1, keepdims=True))
        post /= post.sum(1, keepdims=True)
    return error, prior, post


def annotators():
    said = make_judgements()
    K = 3
    for name, weight in [("plain", np.ones(len(said))),
                         ("weighted", 1. + np.arange(len(said)) % 3)]:
        error, prior, post = dawid_skene(said, weight, K, .5)
        for a, e in enumerate(error):
            put(f"ds.{name}.error.{a}", e)
        put(f"ds.{name}.mean", error.mean())
        for k in range(K):
            put(f"ds.{name}.prior.{k}", prior[k])
            put(f"ds.{name}.post.0.{k}", post[0, k])
            put(f"ds.{name}.post.77.{k}", post[77, k])
    # leave one block of rows out after the other: row i is in block i % 10
    B, n = 10, len(said)
    full = dawid_skene(said, np.ones(n), K, .5)[0].mean()
    without = np.array([
        dawid_skene(said[np.arange(n) % B != b], np.ones(n - n // B), K,
                    .5)[0].mean() for b in range(B)])
    pseudo = B * full - (B - 1) * without
    variance = ((pseudo - pseudo.mean()) ** 2).sum() / (B - 1) / B
    variance += (pseudo.mean() - full) ** 2
    judgements = (said >= 0).sum()
    disputed = sum(len(set(r[r >= 0])) > 1 for r in said)
    ratio = (disputed * variance / (full * (1 - full) / judgements) + 1) / \
        (disputed + 1)
    put_interval("ds.interval", wilson(full, judgements / ratio))
    for K in [2, 3, 10]:
        for d in [.01, .095, .3]:
            e = optimize.brentq(
                lambda x: (1 - x) ** 2 + x * x / (K - 1) - 1 + d, 0,
                1 - 1 / K)
            put(f"disagreement.{d:g}.{K}", e)


# ---- means of proportions ----

def wilson(p, n):
    centre = (p + Z * Z / 2 / n) / (1 + Z * Z / n)
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / 4 / n / n) / (1 + Z * Z / n)
    return centre - half, centre + half


def constrained(rate, n, mean):
    """The most likely proportions with that mean."""
    def loss(q):
        return -(n * (rate * np.log(q) + (1 - rate) * np.log(1 - q))).sum()
    found = optimize.minimize(
        loss, np.full(len(n), mean), method="SLSQP",
        bounds=[(1e-9, 1 - 1e-9)] * len(n),
        constraints={"type": "eq", "fun": lambda q: q.mean() - mean},
        options={"ftol": 1e-14, "maxiter": 1000})
    return found.x


def score_interval(rate, n):
    rate, n = np.array(rate), np.array(n)
    mean = rate.mean()

    def excess(m):
        q = constrained(rate, n, m)
        return abs(mean - m) - Z * math.sqrt((q * (1 - q) / n).sum()) / len(n)
    low = 0 if mean == 0 else optimize.brentq(excess, 1e-6, mean - 1e-6)
    high = optimize.brentq(excess, mean + 1e-6, .999)
    return low, high


def proportions():
    put_interval("proportions.3", score_interval([.1, .25, .05],
                                                 [100., 40., 20.]))
    put_interval("proportions.2", score_interval([.03, 0], [180., 20.]))


# ---- scores ----

def make_scores(n=240, classes=3):
    label = rng.choice(classes, n, p=[.6, .3, .1])
    group = rng.integers(0, 40, n)
    bad = rng.random(40) < .3
    pred = np.where(rng.random(n) < np.where(bad[group], .4, .08),
                    (label + rng.integers(1, classes, n)) % classes, label)
    weight = rng.integers(1, 9, n) / 4
    loss = (rng.gamma(1.2, .4, n) + (pred != label)).round(3)
    with open("scores.csv", "w") as out:
        out.write("label,pred,loss,weight,group\n")
        for row in zip(label, pred, loss, weight, group):
            out.write(",".join(f"{x:g}" for x in row) + "\n")
    return label, pred, loss, weight, group


def linearised(kind, label, pred, loss, w):
    """The score and each row's influence on it, by numerical derivatives."""
    def score(w):
        if kind == "rate":
            return (w * (label != pred)).sum() / w.sum()
        if kind == "mean":
            return (w * loss).sum() / w.sum()
        if kind == "f1":
            return 1 - metrics.f1_score(label, pred, average="macro",
                                        sample_weight=w)
        return 1 - metrics.balanced_accuracy_score(label, pred,
                                                   sample_weight=w)
    h, residual = 1e-5, np.empty(len(w))
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        residual[i] = (score(up) - score(down)) / (2 * h)
    return score(w), residual


def hall(value, variance, third, df):
    """Hall's interval, its cubic solved by a search."""
    s = math.sqrt(variance)
    k, t = third / s ** 3, stats.t.ppf(.975, df)

    def end(y):
        return optimize.brentq(
            lambda x: x + k * x * x / 3 + k * k * x ** 3 / 27 + k / 6 - y,
            -100, 100, xtol=1e-13)
    return value - s * end(t), value - s * end(-t)


def scores():
    label, pred, loss, weight, group = make_scores()
    ones = np.ones(len(label))
    for kind in ["rate", "mean", "f1", "balanced"]:
        for name, w, grouped in [("plain", ones, 0), ("weights", weight, 0),
                                 ("groups", ones, 1), ("both", weight, 1)]:
            value, r = linearised(kind, label, pred, loss, w)
            n, wrong, kish = len(w), (pred != label), w.sum() ** 2 / (w @ w)
            units = r * w
            if grouped:
                units = np.bincount(group, r * w)
                units = units[np.bincount(group) > 0]
            G = len(units)
            put(f"score.{kind}.{name}", value)
            if kind == "mean":
                variance = (units ** 2).sum() * G / (G - 1)
                df = G - 1 if grouped else kish - 1
                put_interval(f"score.{kind}.{name}",
                             hall(value, variance, (units ** 3).sum(), df))
                continue
            plain = (w * r * r).sum() * (w @ w) / w.sum()
            seen = (units ** 2).sum() * (G / (G - 1) if grouped else 1)
            events, prior, alike = wrong.sum(), 2, 1
            if grouped:
                gw = np.bincount(group, w)
                events = len(set(group[wrong]))
                prior, alike = .5, (gw @ gw) / (w @ w)
            ratio = (events * seen / plain + prior * alike) / (events + prior)
            put(f"score.{kind}.{name}.variance", plain * ratio)
            if grouped:
                ratio *= (stats.t.ppf(.975, G - 1) / Z) ** 2
            scale = w.sum() / (w @ w) / ratio
            if kind == "rate":
                put_interval(f"score.{kind}.{name}",
                             wilson(value, w.sum() * scale))
            elif kind == "balanced":
                m = metrics.confusion_matrix(label, pred, sample_weight=w)
                size = m.sum(1)
                put_interval(f"score.{kind}.{name}", score_interval(
                    1 - np.diag(m) / size, size * scale))
            else:
                m = metrics.confusion_matrix(label, pred, sample_weight=w)
                both = m.sum(0) + m.sum(1)
                loss1 = 1 - 2 * np.diag(m) / both
                alone = (loss1 * (1 - loss1) * (1 + loss1) / both).sum() / \
                    len(m) ** 2 * (w @ w) / w.sum()
                put_interval(f"score.{kind}.{name}", score_interval(
                    loss1, both / (1 + loss1) * scale * alone / plain))


def gaps():
    """The difference of two means, by their intervals."""
    a, b = (1.3, .04, .006, 24), (.9, .01, .001, 60)
    (la, ha), (lb, hb) = hall(*a), hall(*b)
    put_interval("difference", (.4 - math.hypot(1.3 - la, hb - .9),
                                .4 + math.hypot(ha - 1.3, .9 - lb)))
    put_interval("hall", hall(1.3, .04, .006, 24))
    for n in [1, 2, 20, 1000]:
        put(f"maximum.{n}", integrate.quad(
            lambda x: x * n * stats.norm.pdf(x) *
            stats.norm.cdf(x) ** (n - 1), -12, 12, limit=500)[0])


annotators()
proportions()
scores()
gaps()
with open("gap_values.txt", "w") as out:
    for name, value in sorted(expected.items()):
        out.write(f"{name} {value!r}\n")
