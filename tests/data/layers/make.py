#!/usr/bin/python3
"""Makes layers.txt: what PyTorch computes for single layers.

Inputs, weights and dy are hash(i, tensor) of their index as it lies in
memory: tensors as [rows][height][width][channels], params in PyTorch's own
order.  Of each result: its sum, its product with such numbers, and some
values.  In double precision.  Run from this folder.
"""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
X, DY, WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR, PROBE = range(7)
lines = []


def values(n, tensor):
    i = np.arange(n, dtype=np.uint64) + np.uint64(1000003 * tensor)
    return (i * np.uint64(2654435761) % np.uint64(1 << 32)) / 2.0 ** 32 - .5


def image(n, shape, tensor):
    flat = values(n * np.prod(shape), tensor).reshape(n, *shape)
    # Numbers as they are in C: rounded to float.
    return torch.tensor(flat.astype(np.float32).astype(np.float64))


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def put(name, tensor):
    flat = tensor.detach().contiguous().numpy().ravel()
    lines.append(f"{name}.sum {flat.sum():.12g}")
    lines.append(f"{name}.probe {flat @ values(len(flat), PROBE):.12g}")
    for k in range(4):
        lines.append(f"{name}.{k} {flat[k * (len(flat) - 1) // 3]:.12g}")


def fill(module):
    for name, tensor in ("weight", WEIGHT), ("bias", BIAS):
        param = getattr(module, name, None)
        if param is not None:
            v = values(param.numel(), tensor).astype(np.float32)
            param.data = torch.tensor(v.astype(np.float64)).reshape(param.shape)
    if hasattr(module, "running_mean"):
        n = len(module.running_mean)
        for name, tensor in (("running_mean", RUNNING_MEAN),
                             ("running_var", RUNNING_VAR)):
            v = values(n, tensor).astype(np.float32)
            v = v + np.float32(1) if tensor == RUNNING_VAR else v
            setattr(module, name, torch.tensor(v.astype(np.float64)))
    return module


def case(name, n, shape, module, last=False):
    """last: the module wants channels last, as they are in x."""
    x = image(n, shape, X).requires_grad_()
    y = module(x if last else channels_first(x))
    if not last:
        y = y.permute(0, 2, 3, 1) if y.dim() == 4 else y
    dy = image(n, y.shape[1:], DY)
    y.backward(dy)
    put(name + ".y", y)
    put(name + ".dx", x.grad)
    for which in "weight", "bias":
        param = getattr(module, which, None)
        if param is not None:
            put(f"{name}.{which}", param.grad)
    if hasattr(module, "running_mean"):
        put(name + ".running_mean", module.running_mean)
        put(name + ".running_var", module.running_var)


def conv(name, n, shape, out, *size, bias=True):
    case(name, n, shape,
         fill(nn.Conv2d(shape[2], out, size[0], size[1], size[2], bias=bias)))


conv("conv.3x3", 3, (5, 4, 3), 4, 3, 1, 1)
conv("conv.5x5", 2, (6, 8, 2), 3, 5, 1, 0, bias=False)
conv("conv.strided", 5, (8, 7, 3), 2, 3, 2, 1)
conv("conv.1x1", 3, (3, 4, 5), 4, 1, 1, 0)
conv("conv.1x1.strided", 3, (5, 6, 4), 5, 1, 2, 0, bias=False)
conv("conv.2x2", 2, (4, 6, 3), 2, 2, 2, 0)
conv("conv.7x7", 2, (12, 11, 3), 4, 7, 2, 3)
case("max.2x2", 3, (4, 6, 3), lambda x: F.max_pool2d(x, 2, 2))
case("max.3x3", 3, (7, 8, 3), lambda x: F.max_pool2d(x, 3, 2, 1))
case("average.2x2", 3, (5, 6, 3), lambda x: F.avg_pool2d(x, 2, 2))
case("average.3x3", 3, (7, 8, 3), lambda x: F.avg_pool2d(
    x, 3, 2, 1, count_include_pad=False))
case("mean", 3, (4, 5, 6), lambda x: x.mean((2, 3)))
case("batch_norm.training", 5, (3, 4, 3), fill(nn.BatchNorm2d(3)))
case("batch_norm.prediction", 5, (3, 4, 3), fill(nn.BatchNorm2d(3)).eval())
case("layer_norm", 5, (3, 2, 10), fill(nn.LayerNorm(10)), last=True)
case("layer_norm.whole", 5, (3, 4, 3), fill(nn.GroupNorm(1, 3)))
with open("layers.txt", "w") as file:
    file.write("\n".join(lines) + "\n")
