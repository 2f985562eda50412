#!/usr/bin/env python3
"""What scipy, scikit-learn and numpy say of two sets: domain_values.txt, and
the rows they say it of: domain_rows.txt (set, x0, x1, score, second score)."""
import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(9)
n, m = 40, 25
current = np.repeat([0, 1], [n, m])
x = rng.normal(size=(n + m, 2)) + current[:, None] * [0.2, -1]
x[:, 1] += 0.6 * x[:, 0]
score = np.round(x[:, 0] + rng.normal(size=n + m) * 0.5, 1)
second = np.round(score + rng.normal(size=n + m), 1)
rows = np.column_stack([current, np.round(x, 5), score, second])
np.savetxt("domain_rows.txt", rows, fmt="%g")
x = rows[:, 1:3]
out = {}


def placements(s):
    """V10 and V01 of DeLong, by all pairs."""
    kernel = (s[current == 1][:, None] > s[current == 0]) + 0.5 * (s[current == 1][:, None] == s[current == 0])
    return kernel.mean(1), kernel.mean(0)


(a10, a01), (b10, b01) = placements(score), placements(second)
drop = a10.mean() - b10.mean()
sd = np.sqrt(np.var(a10 - b10, ddof=1) / m + np.var(a01 - b01, ddof=1) / n)
out["drop"] = drop
out["drop.low"], out["drop.high"] = drop - stats.norm.ppf(0.975) * sd, drop + stats.norm.ppf(0.975) * sd

fit = LogisticRegression(C=1e12, class_weight="balanced", tol=1e-12, max_iter=10000)
fit.fit(score[:, None], current)
out["ratio.slope"], out["ratio.intercept"] = fit.coef_[0, 0], fit.intercept_[0]

weight = np.where(current == 1, 0.5 / m, 0.5 / n)
mean = weight @ x
cov = (x - mean).T @ (weight[:, None] * (x - mean))
out["mean.0"], out["mean.1"] = mean
out["cov.00"], out["cov.10"], out["cov.11"] = cov[0, 0], cov[1, 0], cov[1, 1]

# Of one column the statistic rises with the difference of the means.
for column in range(2):
    of = (x[current == 1, column], x[current == 0, column])
    test = stats.permutation_test(of, lambda a, b, axis: np.abs(a.mean(axis) - b.mean(axis)), vectorized=True,
                                  n_resamples=400000, alternative="greater", random_state=1, batch=2000)
    out[f"p.{column}"] = test.pvalue

out["tail.skewed"] = stats.pearson3.sf(9, 0.7, loc=3, scale=2)
out["tail.far"] = stats.pearson3.sf(25, 1.4, loc=3, scale=2)
out["tail.normal"] = stats.norm.sf(5, 3, 2)
with open("domain_values.txt", "w") as file:
    for name, value in out.items():
        print(name, repr(float(value)), file=file)
