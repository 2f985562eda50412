"""What `assay train --net mlp --epochs 5` does, in pandas and PyTorch: reads
the CSV file (id, label, pixels p1..., split), trains 784-128-10 on the rows whose split is
train, and prints the share of right answers on those of test.

    peer_train.py FILE
"""

import sys

import pandas
import torch
from torch import nn
from torch.nn import functional as F


def main():
    torch.manual_seed(0)
    data = pandas.read_csv(sys.argv[1])
    pixels = [c for c in data.columns if c not in ("id", "split", "label")]
    x = torch.from_numpy(data[pixels].to_numpy("float32")) / 255
    y = torch.from_numpy(data["label"].to_numpy())
    train = torch.from_numpy((data["split"] == "train").to_numpy())
    x_test, y_test, x, y = x[~train], y[~train], x[train], y[train]
    model = nn.Sequential(nn.Linear(x.shape[1], 128), nn.ReLU(),
                          nn.Linear(128, int(y.max()) + 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
    for _ in range(5):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        print((model(x_test).argmax(1) == y_test).float().mean().item())


if __name__ == "__main__":
    main()
