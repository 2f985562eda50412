#!/usr/bin/python3
"""Makes labels.csv, a source and a target with another mix of classes, and
labels.txt, what numpy and scipy find in them.

Rows are "CASE,SIDE,LABEL,p0,p1,p2,p3", side 0 the source; probabilities have
six digits.  Case 0: too sure by a temperature; case 1: one class favoured,
too.  BBSE by numpy's solve, EM step by step until nothing moves, calibration by
scipy's minimisers, RLLS by a dense grid.  Run from this folder.
"""
import numpy as np
from scipy import optimize

K = 4
rng = np.random.default_rng(5)
centre = rng.normal(0, 1.3, (K, 3))


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def rows(n, share, prior, sure, favour):
    y = rng.choice(K, n, p=share)
    x = centre[y] + rng.normal(size=(n, 3))
    z = np.log(prior) - ((x[:, None] - centre) ** 2).sum(2) / 2
    p = softmax(sure * z + np.array([favour, 0, 0, -favour]))
    return y, np.maximum(np.round(p, 6), 1e-6)


def out(name, value):
    print(name, repr(float(value)), file=values)


def loss(theta, logs, y):
    z = theta[0] * logs + theta[1:]
    top = z.max(1)
    norm = top + np.log(np.exp(z - top[:, None]).sum(1))
    return (norm - z[np.arange(len(y)), y]).sum()


def calibrate(logs, y):
    """inverse temperature and biases; 0 where they do not pay."""
    plain = optimize.minimize_scalar(
        lambda b: loss(np.r_[b, np.zeros(K)], logs, y), bounds=(.05, 5),
        method='bounded', options=dict(xatol=1e-10))
    start = np.r_[plain.x, np.zeros(K)]
    full = optimize.minimize(
        lambda t: loss(t, logs, y) + (t[1:] ** 2).sum() / 200, start,
        method='BFGS', options=dict(gtol=1e-7))
    penalty = (full.x[1:] ** 2).sum() / 200
    gain = plain.fun - full.fun
    assert penalty < .5
    return full.x if gain > K - 1 else start


def maximise(p, prior):
    q = prior.copy()
    for _ in range(200000):
        r = p * (q / prior)
        q, before = (r / r.sum(1, keepdims=True)).mean(0), q
        if abs(q - before).max() < 1e-14:
            return q
    raise SystemExit('does not settle')


def settle(w, prior):
    q = np.maximum(w, 0) * prior
    return q / q.sum() / prior


def ridge(joint, seen, p, t):
    """w - 1 by the likeliest variance, in singular vectors of the joint."""
    cover = np.cov(p.T, bias=True) / len(p) + np.cov(t.T, bias=True) / len(t)
    u, s, v = np.linalg.svd(joint)
    part = u.T @ (seen - joint.sum(1))
    noise = np.diag(u.T @ cover @ u)
    grid = np.exp(np.arange(-48, 41) / 8)
    score = [np.log(g) + .25 / g +
             (np.log(s * s * g + noise) + part ** 2 / (s * s * g + noise)).sum()
             for g in grid]
    g = grid[int(np.argmin(score))]
    return 1 + v.T @ (part * s * g / (s * s * g + noise))


values = open('labels.txt', 'w')
table = open('labels.csv', 'w')
prior = np.array([.4, .3, .2, .1])
for case, (sure, favour) in enumerate([(1.6, 0), (1.3, 1.2)]):
    y, p = rows(300, prior, prior, sure, favour)
    yt, t = rows(200, np.array([.1, .2, .3, .4]), prior, sure, favour)
    for side, (labels, probs) in enumerate([(y, p), (yt, t)]):
        for label, row in zip(labels, probs):
            print(case, side, label, *('%.6f' % c for c in row), sep=',',
                  file=table)
    share = np.bincount(y, minlength=K) / len(y)
    one = np.eye(K)
    for name, a, b in (('hard', one[p.argmax(1)], one[t.argmax(1)]),
                       ('soft', p, t)):
        joint = a.T @ one[y] / len(y)
        w = np.linalg.solve(joint, b.mean(0))
        for k in range(K):
            out(f'{case}.{name}.{k}', settle(w, share)[k])
        out(f'{case}.{name}.condition', np.linalg.cond(joint / share))
    for k, w in enumerate(settle(ridge(p.T @ one[y] / len(y), t.mean(0), p, t),
                                 share)):
        out(f'{case}.rlls.{k}', w)
    theta = calibrate(np.log(p), y)
    out(f'{case}.temperature', 1 / theta[0])
    # the common part of biases changes nothing
    for k in range(K):
        out(f'{case}.bias.{k}', theta[1 + k] - theta[1:].mean())
    c, d = (softmax(theta[0] * np.log(x) + theta[1:]) for x in (p, t))
    w = maximise(d, c.mean(0)) / share
    for k in range(K):
        out(f'{case}.em.{k}', w[k])
    row = d[0] * w
    for k in range(K):
        out(f'{case}.corrected.{k}', row[k] / row.sum())
    b = optimize.minimize_scalar(
        lambda b: loss(np.r_[b, np.zeros(K)], np.log(p), y), bounds=(.05, 5),
        method='bounded', options=dict(xatol=1e-10)).x
    out(f'{case}.expected', 1 - softmax(b * np.log(t)).max(1).mean())
    out(f'{case}.wrong', (p.argmax(1) != y).mean())
