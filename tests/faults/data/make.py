#!/usr/bin/python3
"""Makes the small data sets of this folder from the published ones.

    make.py FOLDER

FOLDER holds the whole files (README.md says where they are from).  Rows with
equal features are kept once, texts also where they are nearly the same, so
that a clean run is clean; rows are in random order.
"""
import gzip
import io
import re
import sys

import numpy as np
import pandas as pd

rng = np.random.default_rng(7)


def read(name):
    return pd.read_csv(f"{sys.argv[1]}/{name}.csv.gz", dtype=str,
                       keep_default_na=False)


def write(name, table, label):
    table = table.rename(columns={label: "label"})
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    with open(name + ".csv.gz", "wb") as raw:
        with gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
            out.write(text.getvalue().encode())
    print(name, table.shape, dict(table["label"].value_counts()))


def distinct(table, label):
    return table.drop_duplicates([c for c in table if c != label])


def sample(table, n):
    return table.iloc[rng.permutation(len(table))[:n]]


def shingles(text):
    text = re.sub(r"\d", "0", re.sub(r"\W+", " ", text.lower()))
    return {text[i:i + 4] for i in range(max(len(text) - 3, 1))}


def without_look_alikes(table, column):
    """Rows of which no earlier one shares half of the 4-grams."""
    kept, sets = [], []
    for i, text in enumerate(table[column]):
        own = shingles(text)
        if all(2 * len(own & s) < len(own | s) for s in sets):
            kept.append(i)
            sets.append(own)
    return table.iloc[kept]


def rounded(sequence):
    return ";".join(" ".join(f"{float(v):.2f}" for v in step.split())
                    for step in sequence.split(";"))


def vowels():
    table = read("japanese_vowels_seq")[["seq", "speaker"]]
    table["seq"] = table["seq"].map(rounded)
    parts = [sample(rows, 28) for _, rows in table.groupby("speaker")]
    return sample(pd.concat(parts), 252).rename(columns={"seq": "sequence"})


iris, wine = read("iris"), read("wine")
write("iris", sample(distinct(iris, "species"), 150), "species")
write("wine", sample(distinct(wine, "cultivar"), 178), "cultivar")
digits = read("optdigits").drop(columns="split")
write("digits", sample(distinct(digits, "digit"), 1000), "digit")
cells = distinct(read("breast_cancer_wisconsin"), "class")
write("cells", sample(cells, len(cells)), "class")
census = read("adult").drop(columns=["split", "fnlwgt", "education_num"])
census = census[census["capital_gain"] != "99999"]  # a code: "or more"
write("census", sample(distinct(census, "income"), 1500), "income")
messages = sample(read("sms_spam"), 2000)
write("messages", without_look_alikes(messages, "text").iloc[:1200], "label")
books = sample(read("bl_genre_books")[["title", "genre"]], 1744)
write("books", without_look_alikes(books, "title").iloc[:1000], "genre")
write("vowels", vowels(), "speaker")
