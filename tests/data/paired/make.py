#!/usr/bin/python3
"""Makes paired_rows.csv and paired_expected.csv: numbers for the tests of two classifiers on
the same rows.

McNemar from scipy.stats.binomtest and binom; Newcombe's interval and Tango's
score from the papers' tables of four counts, Tango's nuisance rate by a search
for the largest likelihood, not by his formula; bootstrap and exchanges row by
row with numpy, with far more draws than the C code takes.  Run from this folder.
"""
import math

import numpy as np
from scipy import optimize, stats
from sklearn import metrics

rng = np.random.default_rng(11)
expected = {}


def put(name, value):
    expected[name] = float(value)


def put_interval(name, pair):
    put(name + ".low", pair[0])
    put(name + ".high", pair[1])


def mcnemar():
    for b, c in [(0, 0), (1, 0), (5, 5), (2, 12), (31, 12), (400, 470),
                 (7850, 114)]:
        name = f"{b}.{c}"
        n, least = b + c, min(b, c)
        exact = stats.binomtest(least, n).pvalue if n else 1
        put("exact." + name, exact)
        put("mid_p." + name,
            1 if b == c else exact - stats.binom.pmf(least, n, .5))


def wilson(k, n):
    ci = stats.binomtest(k, n).proportion_ci(method="wilson")
    return ci.low, ci.high


def newcombe(e, f, g, h):
    """Newcombe 1998, method 10, of (e+f)/n - (e+g)/n; e both, h neither."""
    n = e + f + g + h
    (l2, u2), (l3, u3) = wilson(e + f, n), wilson(e + g, n)
    margins = (e + f) * (g + h) * (e + g) * (f + h)
    phi = 0
    if margins:
        excess = e * h - f * g
        if excess > n / 2:
            excess -= n / 2
        elif excess >= 0:
            excess = 0
        phi = excess / math.sqrt(margins)
    dl2, du2 = (e + f) / n - l2, u2 - (e + f) / n
    dl3, du3 = (e + g) / n - l3, u3 - (e + g) / n
    d = (f - g) / n
    return (d - math.sqrt(dl2 ** 2 - 2 * phi * dl2 * du3 + du3 ** 2),
            d + math.sqrt(du2 ** 2 - 2 * phi * du2 * dl3 + dl3 ** 2))


def newcombes():
    # both wrong, only b wrong, only a wrong, both right
    for table in [(36, 12, 2, 0), (2, 12, 31, 304), (0, 0, 0, 20),
                  (0, 29, 0, 1), (20, 5, 7, 18), (0, 3, 4, 10)]:
        put_interval("newcombe." + ".".join(map(str, table)), newcombe(*table))


def tango(worse, better, n, margin):
    """P(Z <= z) for a true difference of margin."""
    same = n - worse - better

    def minus_log(q):
        return -sum(k * math.log(p) for k, p in
                    [(better, q), (worse, q + margin),
                     (same, 1 - 2 * q - margin)] if k)

    q = optimize.minimize_scalar(
        minus_log, bounds=(1e-12, (1 - margin) / 2 - 1e-12),
        method="bounded", options={"xatol": 1e-13}).x
    z = (worse - better - n * margin) / math.sqrt(
        n * (2 * q + margin - margin ** 2))
    return stats.norm.cdf(z)


def equivalences():
    for better, worse, n, margin in [(12, 10, 349, .05), (31, 12, 349, .05),
                                     (0, 3, 100, .02), (40, 38, 500, .04)]:
        put(f"equivalence.{better}.{worse}.{n}.{margin}",
            max(tango(worse, better, n, margin),
                tango(better, worse, n, margin)))


def make_rows(n=300):
    label = rng.choice(4, n, p=[.4, .3, .2, .1])
    hard = rng.random(n)
    a = np.where(hard + .3 * rng.random(n) < .9, label, rng.choice(4, n))
    b = np.where(hard + .3 * rng.random(n) < .95, label, rng.choice(4, n))
    loss_a = np.round(np.exp(2 * hard - 2 + .5 * rng.normal(size=n)), 4)
    loss_b = np.round(np.exp(2 * hard - 2.1 + .5 * rng.normal(size=n)), 4)
    group = np.arange(n) // 6
    return label, a, b, loss_a, loss_b, group


def macro_f1(label, pred):
    return metrics.f1_score(label, pred, average="macro", zero_division=0)


def fast_f1(label, pred):
    m = np.zeros((4, 4))
    np.add.at(m, (label, pred), 1)
    both = m.sum(0) + m.sum(1)
    return (2 * np.diag(m)[both > 0] / both[both > 0]).mean()


def balanced(label, pred):
    return 1 - metrics.balanced_accuracy_score(label, pred)


def fast_balanced(label, pred):
    n = np.bincount(label, minlength=4)
    wrong = np.bincount(label[label != pred], minlength=4)
    return (wrong[n > 0] / n[n > 0]).mean()


def tail(n):
    """Hesterberg 2015: as wide as Student's."""
    return stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf(.975, n - 1))


def of_classes(name, exact, fast, label, a, b, draws=20000):
    n = len(label)
    d = exact(label, b) - exact(label, a)
    put(name + ".a", exact(label, a))
    put(name + ".b", exact(label, b))
    value, beyond = [], 0
    for _ in range(draws):
        i = rng.integers(0, n, n)
        value.append(fast(label[i], b[i]) - fast(label[i], a[i]))
        swap = rng.random(n) < .5
        x, y = np.where(swap, b, a), np.where(swap, a, b)
        beyond += abs(fast(label, y) - fast(label, x)) >= abs(d) - 1e-12
    put_interval(name, np.quantile(value, [tail(n), 1 - tail(n)]))
    put(name + ".p", beyond / draws)


def of_means(name, a, b, group, draws=20000):
    """Whole groups are drawn, and exchanged; a row is a group of one."""
    groups = [np.flatnonzero(group == g) for g in np.unique(group)]
    total = np.array([(b - a)[g].sum() for g in groups])
    rows = np.array([len(g) for g in groups])
    m = len(groups)
    i = rng.integers(0, m, (draws, m))
    value = total[i].sum(1) / rows[i].sum(1)
    put_interval(name, np.quantile(value, [tail(m), 1 - tail(m)]))
    sign = rng.choice([-1, 1], (draws, m))
    put(name + ".p",
        (abs((sign * total).sum(1)) >= abs(total.sum()) - 1e-12).mean())


def mean_equivalence(a, b, margin):
    return max(stats.ttest_1samp(b - a, margin, alternative="less").pvalue,
               stats.ttest_1samp(b - a, -margin,
                                 alternative="greater").pvalue)


def main():
    mcnemar()
    newcombes()
    equivalences()
    for n in (2, 10, 100, 10**6):
        put(f"tail.{n}", tail(n))
    label, a, b, loss_a, loss_b, group = make_rows()
    of_classes("macro_f1", macro_f1, fast_f1, label, a, b)
    of_classes("balanced_error", balanced, fast_balanced, label, a, b)
    put("loss.a", loss_a.mean())
    put("loss.b", loss_b.mean())
    of_means("loss", loss_a, loss_b, np.arange(len(label)))
    of_means("loss_groups", loss_a, loss_b, group)
    for margin in (.05, .1):
        put(f"loss_equivalence.{margin}",
            mean_equivalence(loss_a, loss_b, margin))
    # groups of one size: a t test of their means is that of their sums
    put("loss_equivalence_groups.0.1",
        mean_equivalence(loss_a.reshape(-1, 6).mean(1),
                         loss_b.reshape(-1, 6).mean(1), .1))
    with open("paired_rows.csv", "w") as out:
        print("label,a,b,loss_a,loss_b,group", file=out)
        for row in zip(label, a, b, loss_a, loss_b, group):
            print(*row, sep=",", file=out)
    with open("paired_expected.csv", "w") as out:
        print("name,value", file=out)
        for name, value in expected.items():
            print(name, repr(value), sep=",", file=out)


main()
