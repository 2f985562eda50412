"""The networks of speed.c in PyTorch: samples per second of a training step
(forward, loss, backward, Adam) and of prediction, in the same columns.

    peer_speed.py [THREADS [NAME]]
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

RUNS, SLOW_RUNS, RUN_SECONDS, CLASSES, PREDICT_BATCH = 5, 2, 0.2, 10, 256


class LSTM(nn.Module):
    def __init__(self, values, hidden):
        super().__init__()
        self.lstm = nn.LSTM(values, hidden, batch_first=True)
        self.output = nn.Linear(hidden, CLASSES)

    def forward(self, x):
        return self.output(self.lstm(x)[0][:, -1])


class Attention(nn.Module):
    def __init__(self, values, width, layers, heads):
        super().__init__()
        self.input = nn.Linear(values, width)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(width, heads, 4 * width, dropout=0.0,
                                       batch_first=True), layers)
        self.output = nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.output(self.encoder(self.input(x)).mean(1))


class Block(nn.Module):
    def __init__(self, width, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def mlp(*hidden):
    widths, layers = (784, *hidden), []
    for n_in, n_out in zip(widths, widths[1:]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], CLASSES))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, CLASSES))


def resnet20():
    blocks = [Block(16, 16, 1) for _ in range(3)]
    for width in (32, 64):
        blocks += [Block(width // 2, width, 2)]
        blocks += [Block(width, width, 1) for _ in range(2)]
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))


def resnet18():
    import torchvision
    return torchvision.models.resnet18(num_classes=CLASSES)


NETWORKS = [
    ("mlp 784-128", lambda: mlp(128), (784,), 64),
    ("mlp 784-512-512", lambda: mlp(512, 512), (784,), 64),
    ("lenet 28x28", lenet, (1, 28, 28), 64),
    ("lstm 128 28x28", lambda: LSTM(28, 128), (28, 28), 64),
    ("lstm 128 100x16", lambda: LSTM(16, 128), (100, 16), 64),
    ("attention 64 28x28", lambda: Attention(28, 64, 2, 4), (28, 28), 64),
    ("resnet-20 28x28", resnet20, (1, 28, 28), 64),
    ("resnet-18 224x224", resnet18, (3, 224, 224), 16),
]


def seconds(step):
    """Of one step, the best of some runs."""
    step()
    start = time.perf_counter()
    step()
    steps = 1 + int(RUN_SECONDS / (time.perf_counter() - start))
    best = float("inf")
    for _ in range(RUNS if steps > 1 else SLOW_RUNS):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        best = min(best, (time.perf_counter() - start) / steps)
    return best


def trainer(model, shape, batch):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-5)
    x, y = torch.randn(batch, *shape), torch.arange(batch) % CLASSES

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return step


def predictor(model, shape, batch):
    model.eval()
    x = torch.randn(batch, *shape)

    def step():
        with torch.no_grad():
            model(x)
    return step


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else torch.get_num_threads()
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    print("network,what,batch,threads,samples_per_second")
    for name, make, shape, batch in NETWORKS:
        if not name.startswith(only):
            continue
        for what, n, of in (("train", batch, trainer),
                            ("predict", PREDICT_BATCH, predictor)):
            took = seconds(of(make(), shape, n))
            print(f"{name},{what},{n},{threads},{n / took:.0f}", flush=True)


if __name__ == "__main__":
    main()
