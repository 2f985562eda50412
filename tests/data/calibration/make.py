#!/usr/bin/python3
"""Makes probabilities.csv and calibration.txt: numbers for the tests of
calibration (lib/stats and assay confuse --calibration).

Bins by scikit-learn and numpy, parts of the Brier score by the words of their
definitions, the temperature by scipy.  Run from this folder.
"""
import numpy as np
from scipy import optimize, stats
from sklearn import calibration

N, CLASSES = 600, 4
rng = np.random.default_rng(11)
lines = []


def put(name, value):
    lines.append(f"{name} {float(value)!r}")


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def make_rows():
    """Predictions that are too sure: the truth has the temperature 1.6."""
    z = rng.normal(size=(N, CLASSES)) * 2.5
    truth = softmax(z / 1.6)
    label = np.array([rng.choice(CLASSES, p=row) for row in truth])
    p = softmax(z).round(6)
    top = p.argmax(1)
    p[np.arange(N), top] += 1 - p.sum(1)
    p = p.round(6)
    with open("probabilities.csv", "w") as out:
        out.write("id,label," + ",".join(f"p:c{k}" for k in range(CLASSES)))
        out.write("\n")
        for i in range(N):
            cells = ",".join(f"{x:.6f}" for x in p[i])
            out.write(f"{i + 1},c{label[i]},{cells}\n")
    return p.astype(np.float32).astype(float), label


def brier(prob, right, bin_of):
    mean, total = right.mean(), len(prob)
    part = dict.fromkeys(["reliability", "resolution", "within_variance",
                          "within_covariance"], 0.)
    for b in np.unique(bin_of):
        f, o = prob[bin_of == b], right[bin_of == b]
        part["reliability"] += len(f) * (f.mean() - o.mean()) ** 2 / total
        part["resolution"] += len(f) * (o.mean() - mean) ** 2 / total
        part["within_variance"] += ((f - f.mean()) ** 2).sum() / total
        part["within_covariance"] += \
            2 * ((o - o.mean()) * (f - f.mean())).sum() / total
    part["uncertainty"] = mean * (1 - mean)
    part["brier"] = ((prob - right) ** 2).mean()
    return part


def bins(name, prob, right, bin_of, strategy, n_bins):
    """Of those that have rows, as calibration_curve has them."""
    accuracy, confidence = calibration.calibration_curve(
        right, prob, n_bins=n_bins, strategy=strategy)
    ece = 0
    numbers = np.unique(bin_of)
    assert len(numbers) == len(accuracy)
    for i, b in enumerate(numbers):
        f, o = prob[bin_of == b], right[bin_of == b]
        assert abs(o.mean() - accuracy[i]) < 1e-12
        assert abs(f.mean() - confidence[i]) < 1e-12
        put(f"{name}.{b + 1}.n", len(f))
        put(f"{name}.{b + 1}.confidence", confidence[i])
        put(f"{name}.{b + 1}.accuracy", accuracy[i])
        ci = stats.binomtest(int(o.sum()), len(o)).proportion_ci(
            method="wilson")
        put(f"{name}.{b + 1}.accuracy_low", ci.low)
        put(f"{name}.{b + 1}.accuracy_high", ci.high)
        ece += abs(f.mean() - o.mean()) * len(f) / len(prob)
    put(f"{name}.ece", ece)
    for part, value in brier(prob, right, bin_of).items():
        put(f"{name}.{part}", value)


def temperature(p, label):
    z = np.log(p)

    def rows(b):
        s = b * z
        return -(s[np.arange(N), label] - np.log(np.exp(s).sum(1)))

    def loss(u):
        return rows(np.exp(u)).sum()

    u = optimize.minimize_scalar(loss, bounds=(-3, 3), method="bounded",
                                 options={"xatol": 1e-12}).x
    b, h = np.exp(u), 1e-5
    slope = (rows(b + h) - rows(b - h)) / (2 * h)
    curvature = (rows(b + h) - 2 * rows(b) + rows(b - h)).sum() / h ** 2
    z95 = stats.norm.ppf(.975)
    se = z95 * np.sqrt((slope ** 2).sum()) / curvature / b

    def worse(v):
        return loss(v) - loss(u) - z95 ** 2 / 2

    low = min(optimize.brentq(worse, u - 1, u), u - se)
    high = max(optimize.brentq(worse, u, u + 1), u + se)
    put("temperature", 1 / b)
    put("temperature.low", np.exp(-high))
    put("temperature.high", np.exp(-low))
    put("log_loss", loss(0) / N)
    put("log_loss_after", loss(u) / N)


def main():
    p, label = make_rows()
    prob = p.max(1)
    right = (p.argmax(1) == label).astype(float)
    put("accuracy", right.mean())
    put("confidence", prob.mean())
    edges = np.linspace(0, 1, 16)
    bins("width", prob, right, np.searchsorted(edges[1:-1], prob), "uniform",
         15)
    order = np.argsort(prob, kind="stable")
    assert len(np.unique(prob)) == N
    mass = np.empty(N, int)
    mass[order] = np.arange(N) * 10 // N
    bins("mass", prob, right, mass, "quantile", 10)
    temperature(p, label)
    with open("calibration.txt", "w") as out:
        out.write("\n".join(lines) + "\n")


main()
