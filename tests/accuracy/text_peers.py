#!/usr/bin/python3
"""What text.sh asks of Python.

    text_peers.py join DATA.csv.gz LABEL COLUMN,... > TEXTS.csv
    text_peers.py compare NAME TEXTS.csv PREDICTIONS.csv

PREDICTIONS come from `assay train --folds K --predict`.  The peers learn each
fold's training rows, all of them, and predict the rows it held out; then the
three have predicted the same rows from the same folds.  McNemar's exact test:
b rows only mlp has right, c rows only the peer, p two-sided.  Exits 1 if a
peer is better (p < .05).
"""
import os
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

# 500 iterations are enough to predict; scikit-learn would have more.
warnings.filterwarnings("ignore", category=ConvergenceWarning)

FASTTEXT = {"lr": .5, "wordNgrams": 2, "dim": 50, "epoch": 25}
FASTTEXT_OF = {"names_nationality": {"minn": 1, "maxn": 4, "epoch": 50}}
TFIDF = {"ngram_range": (1, 2)}
TFIDF_OF = {"names_nationality": {"analyzer": "char_wb",
                                  "ngram_range": (1, 4)},
            "tate_noturner": {"min_df": 2}}


def fasttext(name, train, labels, test, classes):
    """Lower case, punctuation apart, as fastText's own tutorial has it."""
    options = {**FASTTEXT, **FASTTEXT_OF.get(name, {})}

    def line(label, text):
        words = re.sub(r"([^\w\s])", r" \1 ", text.lower()).split()
        return f"__label__{label} {' '.join(words)}\n"

    with tempfile.TemporaryDirectory() as folder:
        rows, model = os.path.join(folder, "rows"), os.path.join(folder, "m")
        # It reads rows in the order of the file, and these files are sorted.
        order = np.random.default_rng(1).permutation(len(train))
        with open(rows, "w", encoding="utf-8") as f:
            f.writelines(map(line, labels[order], train[order]))
        # One thread: more make it differ from run to run.
        subprocess.run(["fasttext", "supervised", "-input", rows, "-output",
                        model, "-thread", "1", "-verbose", "0"] +
                       [str(x) for k, v in options.items()
                        for x in ("-" + k, v)],
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        with open(rows, "w", encoding="utf-8") as f:
            f.writelines(line(0, text) for text in test)
        out = subprocess.run(["fasttext", "predict", model + ".bin", rows],
                             check=True, capture_output=True, text=True)
    # It says nothing of a row without a known word: the largest class then.
    largest = np.bincount(labels, minlength=classes).argmax()
    answers = [int(a[9:]) if a else largest for a in out.stdout.split("\n")]
    return np.array(answers[:len(test)])


def tfidf(name, train, labels, test, classes):
    vectors = TfidfVectorizer(**{**TFIDF, **TFIDF_OF.get(name, {})})
    model = LogisticRegression(C=30, max_iter=500)
    model.fit(vectors.fit_transform(train), labels)
    return model.predict(vectors.transform(test))


def join(file, label, columns):
    """Columns as one text, with the label: what all three learn from."""
    data = pd.read_csv(file, dtype=str, keep_default_na=False)
    text = data[columns.split(",")].agg(" ".join, axis=1)
    pd.DataFrame({"text": text, "label": data[label]}).to_csv(
        sys.stdout, index=False)


def compare(name, file, predicted):
    read = {"dtype": str, "keep_default_na": False}
    predictions = pd.read_csv(predicted, **read)
    # Where there is no column id, it is the number of the record.
    data = pd.read_csv(file, **read).iloc[predictions.id.astype(int) - 1]
    if (data.label.to_numpy() != predictions.label.to_numpy()).any():
        sys.exit(f"{name}: labels of data and predictions differ")
    text = data.text.to_numpy()
    classes, truth = np.unique(predictions.label, return_inverse=True)
    mlp = (predictions.pred == predictions.label).to_numpy()

    cells = [name, len(mlp), "%.4f" % mlp.mean()]
    tests = []
    worse = False
    for peer in (fasttext, tfidf):
        right = np.zeros(len(mlp), bool)
        for fold in predictions.fold.unique():
            held = (predictions.fold == fold).to_numpy()
            answer = peer(name, text[~held], truth[~held], text[held],
                          len(classes))
            right[held] = answer == truth[held]
        b, c = int((mlp & ~right).sum()), int((~mlp & right).sum())
        p = binomtest(b, b + c).pvalue if b + c else 1
        worse |= p < .05 and b < c
        cells.append("%.4f" % right.mean())
        tests += [b, c, "%.3g" % p]
    print(*cells, *tests, sep=",", flush=True)
    return int(worse)


if __name__ == "__main__":
    sys.exit({"join": join, "compare": compare}[sys.argv[1]](*sys.argv[2:]))
