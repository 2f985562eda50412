"""Reference values for test_winner.c: the nonparametric maximum likelihood
estimate of the distribution of true errors, found by scipy's SLSQP on the same
grid of points as the library, and the posterior means.

    python3 make_winner.py > winner.txt
"""
import numpy as np
from scipy.optimize import minimize

ROWS, POINTS, REACH = 400, 80, 8
wrong = np.array([31, 33, 36, 40, 41, 47, 52, 60, 75, 80, 133, 300])


def scores(y, rows):
    best = np.sort(y)[: min(len(y) // 3 + 1, 10)]
    unit = np.mean(best * (1 - best)) / rows
    low = y.min()
    noise = max(unit, low * (1 - low) / rows)
    points = np.linspace(low, low + REACH * np.sqrt(noise), POINTS)
    near = y[y <= points[-1]]
    k = near[:, None] * rows
    log_l = k * np.log(points) + (rows - k) * np.log1p(-points)
    like = np.exp(log_l - log_l.max(1, keepdims=True))
    found = minimize(
        lambda w: -np.sum(np.log(like @ w)),
        np.full(POINTS, 1 / POINTS),
        jac=lambda w: -(like / (like @ w)[:, None]).sum(0),
        bounds=[(0, 1)] * POINTS,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"maxiter": 2000, "ftol": 1e-14},
    )
    post = like * found.x
    post /= post.sum(1, keepdims=True)
    return np.concatenate([post @ points, y[len(near):]])


for k, s in zip(wrong, scores(wrong / ROWS, ROWS)):
    print(k, "%.6f" % s)
