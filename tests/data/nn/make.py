#!/usr/bin/python3
"""Makes nn_rows.csv, nn_predictions.csv and numbers.txt for the unit tests.

Nothing here imports or copies the C code: hashes and random numbers follow
their published definitions, metrics and standardisation come from
scikit-learn, training from PyTorch (Adam, and SparseAdam for embeddings).
Run from this folder.
"""
import csv
import math
import re
import unicodedata

import numpy as np
import torch
from sklearn import metrics
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler, normalize

MASK = (1 << 64) - 1
GROUP = 1 << 18
numbers = {}


def put(name, value):
    numbers[name] = str(value) if isinstance(value, int) else repr(float(value))


# ---- hashes: FNV-1a and MurmurHash3's fmix64 ----

def hash64(data):
    h = 0xcbf29ce484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001b3) & MASK
    h = ((h ^ (h >> 33)) * 0xff51afd7ed558ccd) & MASK
    h = ((h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53) & MASK
    return h ^ (h >> 33)


def hashes():
    put("hash.empty", hash64(b""))
    put("hash.a", hash64(b"a"))
    put("hash.abc", hash64(b"abc"))
    put("hash.emile", hash64("Émile".encode()))
    put("hash.bytes", hash64(bytes(range(256))))
    for i in range(16):
        key = (1).to_bytes(8, "little") + f"row {i}".encode()
        at = (hash64(key) >> 11) * 2.0 ** -53
        put(f"hash.part.{i}", 0 if at < .8 else 1 if at < .9 else 2)


# ---- xoshiro256** and splitmix64 ----

class Xoshiro:
    def __init__(self, state):
        self.s = list(state)

    @staticmethod
    def seeded(seed, stream):
        def splitmix(x):
            x = (x + 0x9e3779b97f4a7c15) & MASK
            z = ((x ^ (x >> 30)) * 0xbf58476d1ce4e5b9) & MASK
            z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
            return x, z ^ (z >> 31)

        x, state = splitmix(stream)[1] ^ seed, []
        for _ in range(4):
            x, word = splitmix(x)
            state.append(word)
        return Xoshiro(state)

    def next(self):
        def rotl(x, k):
            return ((x << k) | (x >> (64 - k))) & MASK

        s = self.s
        result = (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def uniform(self):
        return (self.next() >> 11) * 2.0 ** -53


def random_numbers():
    plain = Xoshiro([1, 2, 3, 4])
    for i in range(10):
        put(f"rng.state1234.{i}", plain.next())
    for seed, stream in [(1, 1), (1, 2), (2, 1), (MASK, 7)]:
        rng = Xoshiro.seeded(seed, stream)
        for i in range(3):
            put(f"rng.{seed}.{stream}.{i}", rng.next())
    rng = Xoshiro.seeded(42, 3)
    put("rng.uniform", rng.uniform())
    u, v = 1 - rng.uniform(), rng.uniform()
    put("rng.normal", math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v))


# ---- text: words, n-grams, buckets ----

def words_of(text):
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.findall(r"\w+|[^\w\s]", folded)


def word_grams(text):
    words = words_of(text)
    return ["w" + "".join(w + " " for w in words[i:i + n])
            for n in (1, 2) for i in range(len(words) - n + 1)]


def char_grams(text):
    marked = ["<" + w + ">" for w in words_of(text) if w.isalnum()]
    return ["c" + w[i:i + n] for w in marked for n in (3, 4, 5)
            for i in range(len(w) - n + 1)]


def bucket(gram):
    low = hash64(gram.encode()) & (GROUP - 1)
    return low + (GROUP if gram[0] == "c" else 0)


def tfidf(texts, grams):
    vectorizer = TfidfVectorizer(analyzer=grams, min_df=2, sublinear_tf=True,
                                 smooth_idf=True, norm="l2")
    matrix = vectorizer.fit_transform(texts).toarray()
    return vectorizer.get_feature_names_out(), matrix


def encode_texts(texts):
    """One row a text: bag row -> weight, and the bucket of each bag row."""
    names, parts = [], []
    for grams in (word_grams, char_grams):
        found, matrix = tfidf(texts, grams)
        names += list(found)
        parts.append(matrix)
    buckets = [bucket(n) for n in names]
    assert len(set(buckets)) == len(buckets), "collision: change the texts"
    order = np.argsort(buckets)
    weights = 10 * normalize(np.hstack(parts))[:, order]
    return weights, [buckets[i] for i in order]


# ---- rows to train on ----

WORDS = ["sea", "voyage", "Émile", "history", "poems", "of", "the", "war",
         "Straße", "ballad"]


def make_rows(n=24):
    rng = np.random.default_rng(11)
    rows = []
    for i in range(n):
        label = i % 3
        chosen = rng.choice(WORDS, 3 + label).tolist()
        rows.append([f"{rng.normal(label, 1):.4f}",
                     f"{rng.normal(100, 20):.3f}", " ".join(chosen),
                     ["prose", "verse", "drama"][label]])
    return rows


def write_rows(rows):
    with open("nn_rows.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["x", "year", "title", "label"])
        out.writerows(rows)


def encode_rows(rows):
    dense = np.array([[float(r[0]), float(r[1])] for r in rows])
    scaler = StandardScaler().fit(dense)
    put("scaler.mean.0", scaler.mean_[0])
    put("scaler.mean.1", scaler.mean_[1])
    dense = scaler.transform(dense)
    for r in (0, 7, 23):
        put(f"scaled.{r}.0", dense[r, 0])
        put(f"scaled.{r}.1", dense[r, 1])
    bags, buckets = encode_texts([r[2] for r in rows])
    put("bag.rows", len(buckets))
    for r in (0, 7, 23):
        put(f"bag.{r}.entries", int((bags[r] > 0).sum()))
        for k in np.flatnonzero(bags[r]):
            put(f"bag.{r}.{buckets[k]}", bags[r, k])
    return dense, bags


# ---- training ----

def start(param, rows, cols):
    i = np.arange(rows * cols)
    values = .3 * np.sin(1 + i + 10 * param)
    return torch.tensor(values.reshape(rows, cols), dtype=torch.float32)


def bag_of(bags):
    index, weight, offset = [], [], []
    for row in bags:
        offset.append(len(index))
        found = np.flatnonzero(row)
        index += found.tolist()
        weight += row[found].tolist()
    return (torch.tensor(index), torch.tensor(offset),
            torch.tensor(weight, dtype=torch.float32))


def train(kind, dense, bags, label, rate, steps=20):
    index, offset, weight = bag_of(bags)
    x = torch.tensor(dense, dtype=torch.float32)
    n_rows, classes, hidden, width = bags.shape[1], 3, 5, 4
    if kind == "linear":
        shapes = [(2, classes), (1, classes), (n_rows, classes)]
        sparse = 2
    else:
        shapes = [(n_rows, width), (2 + width, hidden), (1, hidden),
                  (hidden, classes), (1, classes)]
        sparse = 0
    p = [torch.nn.Parameter(start(i, *s)) for i, s in enumerate(shapes)]
    dense_adam = torch.optim.Adam([q for i, q in enumerate(p) if i != sparse],
                                  lr=rate)
    sparse_adam = torch.optim.SparseAdam([p[sparse]], lr=rate)

    def logits():
        bag = torch.nn.functional.embedding_bag(
            index, p[sparse], offset, mode="sum", sparse=True,
            per_sample_weights=weight)
        if kind == "linear":
            return x @ p[0] + p[1] + bag
        h = torch.relu(torch.cat([x, bag], 1) @ p[1] + p[2])
        return h @ p[3] + p[4]

    for step in range(steps):
        loss = torch.nn.functional.cross_entropy(logits(), label)
        put(f"adam.{kind}.{rate:g}.{step + 1}", loss.item())
        dense_adam.zero_grad()
        sparse_adam.zero_grad()
        loss.backward()
        dense_adam.step()
        sparse_adam.step()


def training():
    rows = make_rows()
    write_rows(rows)
    dense, bags = encode_rows(rows)
    names = ["drama", "prose", "verse"]
    label = torch.tensor([names.index(r[3]) for r in rows])
    for kind in ("linear", "mlp"):
        for rate in (3e-4, 1e-2):
            train(kind, dense, bags, label, rate)


# ---- predictions and their metrics ----

CLASSES = ["a", "b,c", "ü"]


def expected_calibration_error(prob, right):
    bins = np.clip(np.ceil(prob * 15) - 1, 0, 14)
    return sum(abs(right[bins == b].mean() - prob[bins == b].mean())
               * (bins == b).mean() for b in set(bins))


def put_metrics(split, label, p):
    pred, prob, n = p.argmax(1), p.max(1), len(label)
    hot = np.eye(3)[label]
    put(f"{split}.n", n)
    put(f"{split}.accuracy", metrics.accuracy_score(label, pred))
    put(f"{split}.error", 1 - metrics.accuracy_score(label, pred))
    put(f"{split}.log_loss", metrics.log_loss(label, p, labels=[0, 1, 2]))
    put(f"{split}.brier", ((p - hot) ** 2).sum(1).mean())
    put(f"{split}.macro_f1", metrics.f1_score(label, pred, average="macro"))
    put(f"{split}.balanced_error",
        1 - metrics.balanced_accuracy_score(label, pred))
    put(f"{split}.ece", expected_calibration_error(prob, pred == label))
    for k in range(3):
        put(f"{split}.auroc.{k}", metrics.roc_auc_score(hot[:, k], p[:, k]))
    put(f"{split}.auroc",
        metrics.roc_auc_score(label, p, multi_class="ovr", average="macro"))


def predictions(n=300):
    rng = np.random.default_rng(5)
    label = rng.choice(3, n, p=[.5, .3, .2])
    # Times 1.5 it is nearly calibrated: some bins above, some below, so that
    # the calibration error depends on where the bins are cut.
    logit = 1.5 * (rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[label])
    p = np.exp(logit) / np.exp(logit).sum(1, keepdims=True)
    p = np.round(p, 6)
    p[:, 2] = np.round(1 - p[:, 0] - p[:, 1], 6)
    split = np.where(np.arange(n) < 200, "test", "train")
    with open("nn_predictions.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["id", "split", "label", "pred", "prob", "loss"]
                     + ["p:" + c for c in CLASSES])
        for i in range(n):
            best = p[i].argmax()
            out.writerow([i + 1, split[i], CLASSES[label[i]], CLASSES[best],
                          f"{p[i, best]:.6f}",
                          f"{-math.log(p[i, label[i]]):.12g}"]
                         + [f"{v:.6f}" for v in p[i]])
    for name in ("test", "train"):
        put_metrics(name, label[split == name], p[split == name])


hashes()
random_numbers()
training()
predictions()
with open("numbers.txt", "w") as file:
    for name in sorted(numbers):
        file.write(f"{name} {numbers[name]}\n")
