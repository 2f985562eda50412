"""What `assay confuse --label-issues` does, with pandas and numpy: label
issues of a file of predictions by confident learning (prune by noise rate),
ranked by the probability of the label.

    peer_issues.py PREDICTIONS.csv > issues.csv
"""

import sys

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

rows = pd.read_csv(sys.argv[1])
names = [c[2:] for c in rows.columns if c.startswith("p:")]
p = rows[["p:" + c for c in names]].to_numpy(np.float32)
label = pd.Categorical(rows.label, categories=names).codes
n, classes = p.shape
count = np.bincount(label, minlength=classes)

own = p[np.arange(n), label]
threshold = np.bincount(label, own, classes) / count
reached = p >= threshold - 1e-6
most = np.where(reached, p, -1).argmax(axis=1)
sure = reached.any(axis=1)
joint = confusion_matrix(label[sure], most[sure], labels=range(classes))
np.fill_diagonal(joint, joint.diagonal().clip(min=1))
quota = joint / joint.sum(axis=1, keepdims=True) * count[:, None]
whole = np.floor(quota).astype(int)
for k in range(classes):
    left = count[k] - whole[k].sum()
    whole[k, np.argsort(whole[k] - quota[k], kind="stable")[:left]] += 1

pruned = np.zeros(n, bool)
for k in range(classes):
    at = np.flatnonzero(label == k)
    for j in range(classes):
        if j != k and whole[k, j]:
            margin = p[at, k] - p[at, j]
            pruned[at[np.argpartition(margin, whole[k, j] - 1)
                      [:whole[k, j]]]] = True
best = p.argmax(axis=1)
at = np.flatnonzero(pruned & (p[np.arange(n), best] > own + 1e-6))
at = at[np.argsort(own[at], kind="stable")]
pd.DataFrame({"id": rows.id.to_numpy()[at],
              "label": rows.label.to_numpy()[at],
              "suggested": np.array(names)[best[at]], "score": own[at],
              "prob_label": own[at], "prob_suggested": p[at, best[at]]}
             ).to_csv(sys.stdout, index=False)
