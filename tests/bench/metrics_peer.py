"""What confuse, decompose and eval --metrics do, by pandas and scikit-learn.

    metrics_peer.py make ROWS CLASSES FILE
    metrics_peer.py confuse|decompose|metrics FILE

Without intervals, which scikit-learn does not give.
"""
import sys

import numpy as np
import pandas as pd


def make(n, k, path):
    rng = np.random.default_rng(1)
    label = rng.integers(0, k, n)
    z = rng.normal(0, 1, (n, k)).astype(np.float32)
    z[np.arange(n), label] += 3
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    wrong = rng.random(n) < .03
    label = np.where(wrong, rng.integers(0, k, n), label)
    pred = p.argmax(1)
    u = rng.random(n)
    split = np.where(u < .8, 'train', np.where(u < .9, 'val', 'test'))
    with open(path, 'w') as f:
        f.write('id,split,label,pred,prob,loss,' +
                ','.join('p:c%d' % i for i in range(k)) + '\n')
        for i in range(n):
            loss = -np.log(p[i, label[i]])
            f.write('%d,%s,c%d,c%d,%s,%s,' % (
                i + 1, split[i], label[i], pred[i], p[i, pred[i]], loss) +
                ','.join(map(str, p[i])) + '\n')


def confuse(data):
    from sklearn.metrics import classification_report, confusion_matrix
    data = data[data.split != 'train']
    print(confusion_matrix(data.label, data.pred))
    print(classification_report(data.label, data.pred))


def decompose(data):
    print((data.label != data.pred).groupby(data.split).agg(['mean', 'size']))


def metrics(data):
    from sklearn.metrics import (accuracy_score, balanced_accuracy_score,
                                 f1_score, roc_auc_score)
    columns = [c for c in data.columns if c.startswith('p:')]
    classes = np.array([c[2:] for c in columns])
    for name, part in data.groupby('split'):
        print(name, accuracy_score(part.label, part.pred),
              balanced_accuracy_score(part.label, part.pred),
              f1_score(part.label, part.pred, average='macro'),
              part.loss.mean())
        if columns:
            p = part[columns].to_numpy()
            truth = part.label.to_numpy()[:, None] == classes[None, :]
            print(((p - truth) ** 2).sum(1).mean())
            print([roc_auc_score(truth[:, k], p[:, k])
                   for k in range(len(classes))])


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        globals()[sys.argv[1]](pd.read_csv(sys.argv[2]))
