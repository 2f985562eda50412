#!/usr/bin/python3
"""Makes networks.txt for tests/unit/test_networks.c: what PyTorch says.

Weights and inputs are not stored: both sides compute them from a parameter's
name and a value's place in the file's order (value_at, weight below).  For
each network: logits of a batch, and the losses of 20 steps of Adam on it.
Run from this folder.
"""
import math

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
CLASSES, STEPS, RATE = 3, 20, 3e-3
lines = []


# ---- values both sides compute ----

def name_hash(name):
    h = 2166136261
    for byte in name.encode():
        h = ((h ^ byte) * 16777619) & 0xffffffff
    return h


def value_at(name, n):
    """n values on [-.5, .5)."""
    x = (np.arange(n, dtype=np.uint64) * 2654435761 + name_hash(name)) \
        & 0xffffffff
    x = ((x ^ (x >> 15)) * 2246822519) & 0xffffffff
    x = ((x ^ (x >> 13)) * 3266489917) & 0xffffffff
    x ^= x >> 16
    return (x / 2.0 ** 32 - .5).astype(np.float32)


def weight(name, shape):
    u = value_at(name, int(np.prod(shape))).reshape(shape)
    if len(shape) == 1:
        one = name.endswith("weight") or name.endswith("running_var")
        return np.float32(.4) * u + np.float32(1 if one else 0)
    fan_in = int(np.prod(shape[1:]))
    if name.startswith("embedding"):
        return u
    return u * np.float32(3 / math.sqrt(fan_in))


def fill(model):
    with torch.no_grad():
        for name, t in model.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            t.copy_(torch.from_numpy(weight(name, tuple(t.shape))))
    return model


# ---- the networks, with the names of ours ----

class Mlp(nn.Module):
    def __init__(self, widths, norm=None, act=F.relu):
        super().__init__()
        self.act = act
        self.hidden = nn.ModuleList()
        for a, b in zip(widths, widths[1:]):
            layer = nn.Linear(a, b)
            if norm:
                layer.norm = norm(b)
            self.hidden.append(layer)
        self.output = nn.Linear(widths[-1], CLASSES)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = layer(x)
            x = self.act(layer.norm(x) if hasattr(layer, "norm") else x)
        return self.output(x)


class LeNet(nn.Module):
    def __init__(self, channels, filters, kernel, side, hidden, norm=None,
                 vector_norm=None):
        super().__init__()
        self.conv = nn.ModuleList()
        for i, (a, b) in enumerate(zip([channels] + filters, filters)):
            layer = nn.Conv2d(a, b, kernel, padding=kernel // 2 if i == 0 else 0)
            if norm:
                layer.norm = norm(b)
            self.conv.append(layer)
            side = (side if i == 0 else side - kernel + 1) // 2
        rest = Mlp([filters[-1] * side * side] + hidden, vector_norm)
        self.hidden, self.output, self.act = rest.hidden, rest.output, F.relu

    def forward(self, x):
        for layer in self.conv:
            x = layer(x)
            x = F.relu(layer.norm(x) if hasattr(layer, "norm") else x)
            x = F.max_pool2d(x, 2)
        return Mlp.forward(self, x)


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(a, b, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(b)
        self.conv2 = nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(b)
        if stride != 1 or a != b:
            self.downsample = nn.Sequential(
                nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample")
                           else x))


class SmallResNet(nn.Module):
    def __init__(self, channels, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        a = 16
        for i, b in enumerate([16, 32, 64]):
            stage = []
            for k in range(blocks):
                stage.append(Block(a, b, 2 if i and not k else 1))
                a = b
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))
        self.fc = nn.Linear(64, CLASSES)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


class Lstm(nn.Module):
    def __init__(self, width, hidden, layers, tokens=0):
        super().__init__()
        if tokens:
            self.embedding = nn.Embedding(tokens, width, sparse=True)
        self.lstm = nn.LSTM(width, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden, CLASSES)

    def forward(self, x, lengths):
        x = self.embedding(x) if hasattr(self, "embedding") else x
        y, _ = self.lstm(x)
        return self.output(y[torch.arange(len(y)), lengths - 1])


class Attention(nn.Module):
    def __init__(self, n_step, width, heads, layers, tokens=0):
        super().__init__()
        if tokens:
            self.embedding = nn.Embedding(tokens, width, sparse=True)
        else:
            self.input = nn.Linear(n_step, width)
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, 0,
                                           batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.output = nn.Linear(width, CLASSES)

    def forward(self, x, lengths):
        x = self.embedding(x) if hasattr(self, "embedding") else self.input(x)
        steps, width = x.shape[1:]
        t = torch.arange(steps)[:, None]
        rate = torch.exp(torch.arange(0, width, 2) / width * -math.log(1e4))
        position = torch.zeros(steps, width)
        position[:, 0::2] = torch.sin(t * rate)
        position[:, 1::2] = torch.cos(t * rate[:width // 2])
        behind = torch.arange(steps)[None] >= lengths[:, None]
        y = self.encoder(x + position, src_key_padding_mask=behind)
        y = y.masked_fill(behind[:, :, None], 0)
        return self.output(y.sum(1) / lengths[:, None])


# ---- inputs ----

LENGTHS = torch.tensor([7, 1, 4, 7, 2])


def rows(n, *shape):
    """As it stands in our batch: rows of height x width x channels."""
    x = value_at("input", n * int(np.prod(shape))).reshape(n, *shape)
    return torch.from_numpy(2 * x)


def image(n, side, channels):
    return rows(n, side, side, channels).permute(0, 3, 1, 2).contiguous()


def tokens(n, steps, most):
    u = value_at("input", n * steps) + np.float32(.5)
    return torch.from_numpy((u * most).astype(int).reshape(n, steps))


# ---- what is written ----

def put(name, values):
    values = " ".join("%.9g" % v for v in values)
    lines.append(f"{name} {values}")


def logits(name, model, *inputs):
    fill(model).eval()
    with torch.no_grad():
        put(name + ".logits", model(*inputs).flatten().tolist())


def optimizers(model):
    sparse = [p for n, p in model.named_parameters()
              if n.startswith("embedding")]
    dense = [p for n, p in model.named_parameters()
             if not n.startswith("embedding")]
    made = [torch.optim.Adam(dense, RATE)]
    return made + ([torch.optim.SparseAdam(sparse, RATE)] if sparse else [])


def losses(name, model, *inputs):
    logits(name, model, *inputs)
    model.train()
    y = torch.arange(len(inputs[0])) % CLASSES
    made, all_losses = optimizers(model), []
    for _ in range(STEPS):
        loss = F.cross_entropy(model(*inputs), y)
        model.zero_grad(set_to_none=True)
        loss.backward()
        for o in made:
            o.step()
        all_losses.append(loss.item())
    put(name + ".losses", all_losses)


def group_norm(n):
    return nn.GroupNorm(1, n)


losses("mlp", Mlp([12, 8, 6]), rows(5, 12))
losses("mlp_batch", Mlp([12, 8, 6], nn.BatchNorm1d), rows(5, 12))
losses("mlp_layer", Mlp([12, 8, 6], nn.LayerNorm), rows(5, 12))
losses("mlp_gelu", Mlp([12, 8, 6], act=F.gelu), rows(5, 12))
losses("mlp_tanh", Mlp([12, 8, 6], act=torch.tanh), rows(5, 12))
losses("mlp_sigmoid", Mlp([12, 8, 6], act=torch.sigmoid), rows(5, 12))
losses("mlp_leaky", Mlp([12, 8, 6], act=F.leaky_relu), rows(5, 12))
losses("lenet", LeNet(2, [4, 6], 5, 14, [10, 8]), image(5, 14, 2))
losses("lenet_batch", LeNet(2, [4, 6], 3, 14, [10], nn.BatchNorm2d,
                            nn.BatchNorm1d), image(16, 14, 2))
losses("lenet_layer", LeNet(2, [4, 6], 5, 14, [10], group_norm,
                            nn.LayerNorm), image(5, 14, 2))
losses("resnet8", SmallResNet(1, 1), image(5, 9, 1))
losses("resnet20", SmallResNet(3, 3), image(5, 8, 3))
losses("lstm", Lstm(4, 6, 1), rows(5, 7, 4), LENGTHS)
losses("lstm_2", Lstm(4, 6, 2), rows(5, 7, 4), LENGTHS)
losses("lstm_tokens", Lstm(5, 6, 1, 11), tokens(5, 7, 11), LENGTHS)
losses("attention", Attention(4, 8, 2, 2), rows(5, 7, 4), LENGTHS)
losses("attention_tokens", Attention(0, 8, 4, 1, 11), tokens(5, 7, 11),
       LENGTHS)
logits("resnet18", torchvision.models.resnet18(num_classes=CLASSES),
       image(2, 40, 3))
logits("resnet34", torchvision.models.resnet34(num_classes=CLASSES),
       image(2, 40, 3))
logits("resnet50", torchvision.models.resnet50(num_classes=CLASSES),
       image(2, 40, 3))

with open("networks.txt", "w") as out:
    out.write("\n".join(lines) + "\n")
