#!/usr/bin/python3
"""Makes sequences.txt for tests/unit/test_sequence.c: what PyTorch's layers
make of sequences of different lengths, and their gradients.

Inputs, weights and the gradients of outputs are not in the file: both sides
compute them, value i of tensor k being the fraction of (1000 k + i) times
2654435761 / 2^32, less a half.  A line is a name and the values, row after
row, without the steps behind a row's end.  Run from this folder.
"""
import torch
from torch import nn

LENGTHS = [7, 1, 4, 20, 2]
STEPS = max(LENGTHS)
ROWS = len(LENGTHS)
lines = []


def formula(k, *shape):
    n = int(torch.Size(shape).numel())
    values = [(((1000 * k + i) * 2654435761) % 2**32) / 2**32 - .5
              for i in range(n)]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def valid(tensor):
    return torch.cat([tensor[r, :n].flatten() for r, n in enumerate(LENGTHS)])


def put(name, tensor):
    values = " ".join(f"{v:.8g}" for v in tensor.detach().flatten().tolist())
    lines.append(f"{name} {values}\n")


def inputs(channels, scale=1):
    return (scale * formula(0, ROWS, STEPS, channels)).requires_grad_()


def lstm():
    layers = nn.LSTM(3, 4, num_layers=2, batch_first=True)
    x = inputs(3)
    with torch.no_grad():
        for k, (_, p) in enumerate(layers.named_parameters()):
            p.copy_(formula(2 + k, *p.shape))
    packed = nn.utils.rnn.pack_padded_sequence(
        x, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    y, (last, _) = layers(packed)
    y, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True)
    (valid(y) * valid(formula(1, ROWS, STEPS, 4))).sum().backward()
    put("lstm.y", valid(y))
    put("lstm.last", last[1])
    put("lstm.dx", valid(x.grad))
    for name, p in layers.named_parameters():
        put("lstm." + name, p.grad)


def attention(heads):
    """The core alone: the projections before and after it change nothing."""
    width = 6
    core = nn.MultiheadAttention(width, heads, bias=False, batch_first=True)
    one = torch.eye(width)
    with torch.no_grad():
        core.in_proj_weight.copy_(torch.cat([one, one, one]))
        core.out_proj.weight.copy_(one)
    x = inputs(3 * width, 4)  # of 1, all probabilities are nearly the same
    q, k, v = x.split(width, dim=2)
    behind = torch.arange(STEPS) >= torch.tensor(LENGTHS)[:, None]
    y, _ = core(q, k, v, key_padding_mask=behind)
    (valid(y) * valid(formula(1, ROWS, STEPS, width))).sum().backward()
    put(f"attention.{heads}.y", valid(y))
    put(f"attention.{heads}.dx", valid(x.grad))


def embedding():
    table = nn.Embedding(5, 3)
    with torch.no_grad():
        table.weight.copy_(formula(2, 5, 3))
    tokens = torch.arange(ROWS * STEPS).reshape(ROWS, STEPS) % 7 % 5
    y = table(tokens)
    (valid(y) * valid(formula(1, ROWS, STEPS, 3))).sum().backward()
    put("embedding.y", valid(y))
    put("embedding.weight", table.weight.grad)


def mean():
    x = inputs(3)
    y = torch.stack([x[r, :n].mean(dim=0) for r, n in enumerate(LENGTHS)])
    (y * formula(1, ROWS, 3)).sum().backward()
    put("mean.y", y)
    put("mean.dx", valid(x.grad))


lstm()
attention(1)
attention(3)
embedding()
mean()
with open("sequences.txt", "w", encoding="ascii") as file:
    file.writelines(lines)
