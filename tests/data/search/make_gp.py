#!/usr/bin/python3
"""Makes gp_points.csv and gp_expected.txt: numbers for test_gaussian_process.

Covariances by scikit-learn's GaussianProcessRegressor: a choice becomes its
indicators over the square root of 2, an optional number that is not there 1/2
and an indicator of its own.  Small probabilities by mpmath, the bend by scipy.
Run from this folder.
"""
import numpy as np
from mpmath import mp, mpf
from scipy import optimize, stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (ConstantKernel, Matern,
                                              WhiteKernel)

rng = np.random.default_rng(8)
N, NEW = 40, 6
SIGNAL, NOISE, MEAN = 1.7, .03, .4
LENGTH, ABSENCE = [.3, .8, .5, 1.3], .9
expected = {}


def points(n):
    """Two numbers, an optional one, a choice of three or none."""
    x = rng.random((n, 4)).round(3)
    x[:, 3] = rng.integers(0, 3, n)
    x[rng.random(n) < .4, 2] = np.nan
    x[rng.random(n) < .2, 3] = np.nan
    return x


def features(x):
    gone = np.isnan(x)
    choice = np.where(gone[:, 3], 3, x[:, 3])
    return np.column_stack([x[:, :2], np.where(gone[:, 2], .5, x[:, 2]),
                            gone[:, 2]] +
                           [(choice == c) / np.sqrt(2) for c in range(4)])


def lengths(length, absence):
    return [*length[:3], absence] + [length[3]] * 4


def regressor(signal, noise, length, absence):
    kernel = (ConstantKernel(signal) *
              Matern(lengths(length, absence), nu=2.5) + WhiteKernel(noise))
    return GaussianProcessRegressor(kernel, alpha=0, optimizer=None)


def posterior(x, y, new):
    gp = regressor(SIGNAL, NOISE, LENGTH, ABSENCE).fit(features(x), y - MEAN)
    expected["log_evidence"] = gp.log_marginal_likelihood_value_
    mean, sd = gp.predict(features(new), return_std=True)
    for i in range(NEW):
        expected[f"mean.{i}"] = mean[i] + MEAN
        expected[f"variance.{i}"] = sd[i]**2 - NOISE
    for i, value in enumerate(gp.predict(features(x))[:NEW]):
        expected[f"fitted.{i}"] = value + MEAN


def most_probable(x, y):
    """The same priors as in gp_fit.c, from many starting points."""
    at = np.array([0, 0, -12, -.5, -.5, -.5, 0, 0])
    sd = np.array([1, 1, 3, 1, 1, 1, 1, 1])

    def badness(free):
        mean, signal, noise, *length = free
        signal, noise, length = (np.exp(signal), np.exp(noise) + 1e-8,
                                 np.exp(length))
        gp = regressor(signal, noise, length[:4], length[4])
        gp.fit(features(x), y - mean)
        return (-gp.log_marginal_likelihood_value_ +
                np.sum(((free - at) / sd)**2) / 2)

    best = min((optimize.minimize(badness, start, method="L-BFGS-B",
                                  options={"ftol": 1e-12, "gtol": 1e-7})
                for start in [at, at + .5, at - .5, at * 0]),
               key=lambda result: result.fun)
    names = ["mean", "signal", "noise", "length.0", "length.1", "length.2",
             "length.3", "absence.2"]
    for name, value in zip(names, best.x):
        expected["fit." + name] = value


def improvement():
    mp.dps = 60
    for z in ["3", "0.5", "-0.99", "-1.01", "-5", "-24.9", "-25.1", "-40",
              "-1000"]:
        z = mpf(z)
        h = mp.npdf(z) + z * mp.erfc(-z / mp.sqrt(2)) / 2
        expected[f"log_improvement.{float(z):g}"] = float(mp.log(h))
    for sd, noise in [("0.3", "2"), ("1e-6", "0.5"), ("2", "1e-4")]:
        sd, noise = mpf(sd), mpf(noise)
        news = 1 - noise / mp.sqrt(sd**2 + noise**2)
        value = mp.log(sd * mp.npdf(0) * news)
        expected[f"log_news.{float(sd):g}"] = float(value)


def bend():
    value = [.1, .4, .3, .2, .9, 1.4, 5, 30, .25, .35, .6, 2]
    q25, q50 = np.quantile(value, [.25, .5])
    z = (np.array(value) - q50) / (q50 - q25)
    power = max(np.linspace(0, 1, 41), key=lambda p: stats.yeojohnson_llf(p, z))
    bent = stats.yeojohnson(z, power)
    bent = (bent - bent.mean()) / bent.std()
    expected["bend.power"] = power
    for i in [0, 2, 7]:
        expected[f"bend.{i}"] = bent[i]


x, new = points(N), points(NEW)
y = (np.sin(5 * x[:, 0]) + x[:, 1]**2 + np.nan_to_num(x[:, 2], nan=.9) +
     .4 * np.nan_to_num(x[:, 3], nan=1.5) + rng.normal(0, .1, N))
y = ((y - y.mean()) / y.std()).round(4)
posterior(x, y, new)
most_probable(x, y)
improvement()
bend()
np.savetxt("gp_points.csv", np.column_stack([np.vstack([x, new]),
                                             [*y, *[0] * NEW]]),
           delimiter=",", fmt="%.6g")
with open("gp_expected.txt", "w") as out:
    for name, value in expected.items():
        out.write(f"{name} {float(value)!r}\n")
