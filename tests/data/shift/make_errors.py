#!/usr/bin/python3
"""Makes errors.txt: extra errors of slices, for tests/unit/test_extra_error.c.

A line a slice: n0 errors0 n1 errors1, the same of all rows, then excess,
by_share and by_rate, each with its interval and p-value.  Parts by their
definition, gradients by differences, covariances of multinomials, p-values by
scipy.
Run from this folder.
"""
import numpy as np
from scipy import stats

rng = np.random.default_rng(5)


def parts(p):
    """p[8]: of both sets in-wrong, in-right, out-wrong, out-right."""
    share, error, all_ = [], [], []
    for at in (p[:4], p[4:]):
        share.append(at[0] + at[1])
        error.append(at[0] / share[-1] if share[-1] else np.nan)
        all_.append(at[0] + at[2])
    error = [error[1 - i] if np.isnan(error[i]) else error[i] for i in (0, 1)]
    middle = sum(all_) / 2
    by_share = (share[1] - share[0]) * (sum(error) / 2 - middle)
    by_rate = sum(share) / 2 * (error[1] - error[0])
    return np.array([by_share + by_rate, by_share, by_rate])


def cells(n, errors, rows, all_errors):
    return np.array([errors, n - errors, all_errors - errors,
                     rows - n - all_errors + errors], float)


def half_widths(of):
    p = np.concatenate([(c + 1) / (c + 1).sum() for c in of])
    step = 1e-6
    gradient = np.array([(parts(p + step * e) - parts(p - step * e)) / 2 / step
                         for e in np.eye(8)])
    total = np.zeros(3)
    for i, c in enumerate(of):
        q = p[4 * i:4 * i + 4]
        covariance = (np.diag(q) - np.outer(q, q)) / c.sum()
        g = gradient[4 * i:4 * i + 4]
        total += np.diag(g.T @ covariance @ g)
    return stats.norm.ppf(.975) * np.sqrt(total)


def fisher(table, alternative):
    return stats.fisher_exact(table, alternative)[1]


def write(file, s, a):
    of = [cells(s[0], s[1], a[0], a[1]), cells(s[2], s[3], a[2], a[3])]
    value = parts(np.concatenate([c / c.sum() for c in of]))
    half = half_widths(of)
    low, high = value - half, value + half
    if not s[0] or not s[2]:
        low[1], high[1] = low[0], high[0]
        low[2] = high[2] = np.nan
    share = [[s[2], a[2] - s[2]], [s[0], a[0] - s[0]]]
    worse = of[1].reshape(2, 2)
    better = of[0].reshape(2, 2)
    p_share = min(max(fisher(share, 'greater'), fisher(worse, 'greater')),
                  max(fisher(share, 'less'), fisher(better, 'less')))
    p_rate = np.nan
    if s[0] and s[2]:
        p_rate = fisher([of[1][:2], of[0][:2]], 'greater')
    p = [min(1, 2 * np.nanmin([p_share, p_rate])), p_share, p_rate]
    numbers = [x for k in range(3) for x in (value[k], low[k], high[k], p[k])]
    print(*s, *a, *('%.12g' % x for x in numbers), file=file)


with open('errors.txt', 'w') as file:
    for rows, slice_share, rates in (
            ((100, 100), (.1, .1), (.1, .3)), ((100, 60), (.5, .3), (.2, .2)),
            ((500, 200), (.02, .1), (.1, .4)), ((500, 200), (.3, .1), (0, .1)),
            ((2000, 500), (.05, .2), (.02, .02)),
            ((5000, 3000), (.4, .4), (.1, .15)),
            ((300, 300), (0, .1), (0, .3)), ((300, 300), (.1, 0), (.3, 0))):
        for rest in ((.05, .05), (.1, .2)):
            s, a = [], []
            for i in (0, 1):
                n = rng.binomial(rows[i], slice_share[i])
                errors = rng.binomial(n, rates[i])
                s += [n, errors]
                a += [rows[i], errors + rng.binomial(rows[i] - n, rest[i])]
            write(file, s, a)
