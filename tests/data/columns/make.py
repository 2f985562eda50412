#!/usr/bin/python3
"""Makes column_rows.csv and column_values.txt: what one column tells, held out.

Halves are even and odd rows.  Levels by the plainest reading of the
definition; words by scikit-learn's MultinomialNB; skill by its
balanced_accuracy_score(adjusted=True).  Run from this folder.
"""
import numpy as np
from sklearn import metrics, naive_bayes

ROWS, CLASSES, LEVELS, WORDS = 300, 3, 7, 4096
rng = np.random.default_rng(3)
label = rng.choice(CLASSES, ROWS, p=[.6, .3, .1])
level = np.where(rng.random(ROWS) < .6, label, rng.integers(0, LEVELS, ROWS))
copy = np.where(rng.random(ROWS) < .9, label, rng.integers(0, CLASSES, ROWS))
words = [sorted(set(rng.choice(40, 5) + 10 * y * (rng.random(5) < .5)))
         for y in label]
half = np.arange(ROWS) % 2
values = {}


def by_levels(column):
    told = np.full(ROWS, -1)
    for h in range(2):
        for v in set(column):
            share = [np.mean(column[(half == h) & (label == k)] == v)
                     for k in range(CLASSES)]
            if max(share) > 0:
                told[(half != h) & (column == v)] = int(np.argmax(share))
    return told


def by_words():
    x = np.zeros((ROWS, WORDS))
    for i, row in enumerate(words):
        x[i, row] = 1
    told = np.zeros(ROWS, int)
    for h in range(2):
        model = naive_bayes.MultinomialNB(alpha=.5, fit_prior=False)
        model.fit(x[half == h], label[half == h])
        told[half != h] = model.predict(x[half != h])
    return told


def put(name, told):
    values[name] = metrics.balanced_accuracy_score(label, told, adjusted=True)
    values[name + ".wrong"] = np.sum(told != label)


put("level", by_levels(level))
put("copy", by_levels(copy))
put("words", by_words())
with open("column_rows.csv", "w") as out:
    out.write("label,level,copy,words\n")
    for i in range(ROWS):
        out.write(f"{label[i]},{level[i]},{copy[i]},"
                  f"{' '.join(map(str, words[i]))}\n")
with open("column_values.txt", "w") as out:
    for name, value in values.items():
        out.write(f"{name} {float(value)!r}\n")
