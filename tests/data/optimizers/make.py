#!/usr/bin/python3
"""Makes optimizers.txt and schedules.txt for the unit tests: the steps of
PyTorch's optimizers on a small problem, and the learning rates of its
schedulers.  A line is a name and its numbers.  Run from this folder.
"""
import torch
from torch.nn import functional
from torch.optim import lr_scheduler

STEPS = 20
EPOCHS, EPOCH_STEPS = 5, 7


class Series:
    def __init__(self, path):
        self.file = open(path, "w")

    def put(self, name, values):
        flat = torch.as_tensor(values, dtype=torch.float64).flatten()
        print(name, *[f"{v:.17g}" for v in flat.tolist()], file=self.file)


# ---- optimizers: a linear softmax classifier of 8 rows ----

RATES = {"sgd": .3, "momentum": .1, "nesterov": .1, "rmsprop": .02,
         "adam": .05, "adamw": .05}
VARIANTS = {"plain": {}, "decay": {"decay": .1}, "clip": {"clip": .3},
            "l1": {"l1": .02}, "all": {"decay": .1, "clip": .3, "l1": .02}}


def optimizer_of(kind, params, decay):
    rate = RATES[kind]
    if kind in ("sgd", "momentum", "nesterov"):
        return torch.optim.SGD(params, rate, 0 if kind == "sgd" else .8,
                               nesterov=kind == "nesterov",
                               weight_decay=decay)
    if kind == "rmsprop":
        return torch.optim.RMSprop(params, rate, alpha=.95, eps=1e-6,
                                   weight_decay=decay)
    make = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
    return make(params, rate, betas=(.8, .99), eps=1e-6, weight_decay=decay)


def run(series, problem, kind, variant, decay=0., clip=0., l1=0.):
    x, label, start = problem
    w, b = (p.clone().requires_grad_() for p in start)
    optimizer = optimizer_of(kind, [w, b], decay)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = functional.cross_entropy(x @ w + b, label)
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.sqrt((w.grad ** 2).sum() + (b.grad ** 2).sum()))
        if clip > 0:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        if l1 > 0:
            for p in (w, b):
                p.grad += l1 * torch.sign(p.detach())
        optimizer.step()
    name = f"{kind}.{variant}"
    series.put(f"{name}.loss", losses)
    series.put(f"{name}.norm", norms)
    series.put(f"{name}.weight", w.detach())
    series.put(f"{name}.bias", b.detach())


def sparse(series):
    """An embedding of 6 rows; each step pulls some of them to a target.

    SparseAdam adds eps before it corrects for bias: eps as small as that makes
    no difference.
    """
    start, target = torch.randn(6, 3), torch.randn(6, 3)
    touched = torch.stack([torch.randperm(6)[:3] for _ in range(STEPS)])
    touched[touched == 4] = 0       # row 4 is never touched, 0 sometimes twice
    weight = start.clone().requires_grad_()
    optimizer = torch.optim.SparseAdam([weight], lr=.05, betas=(.8, .99),
                                       eps=1e-8)
    for rows in touched:
        optimizer.zero_grad()
        got = functional.embedding(rows, weight, sparse=True)
        ((got - target[rows]) ** 2).sum().backward()
        optimizer.step()
    series.put("sparse.start", start)
    series.put("sparse.target", target)
    series.put("sparse.touched", touched)
    series.put("sparse.weight", weight.detach())


def optimizers():
    torch.manual_seed(1)
    series = Series("optimizers.txt")
    x, label = torch.randn(8, 3) * 2, torch.randint(0, 4, (8,))
    start = torch.randn(3, 4) * .5, torch.zeros(4)
    series.put("x", x)
    series.put("label", label)
    series.put("start", start[0])
    for kind in RATES:
        series.put(f"{kind}.rate", [RATES[kind]])
        for variant, options in VARIANTS.items():
            run(series, (x, label, start), kind, variant, **options)
    sparse(series)


# ---- schedules: the rates of 5 epochs of 7 steps ----

def rates_of(make, rate, each_epoch, losses=None):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], rate)
    scheduler = make(optimizer)
    rates = []
    for epoch in range(EPOCHS if losses is None else len(losses)):
        for _ in range(EPOCH_STEPS):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            last = len(rates) == EPOCHS * EPOCH_STEPS
            if not each_epoch and not last:
                scheduler.step()
        if each_epoch:
            scheduler.step(*([] if losses is None else [losses[epoch]]))
    return rates


def schedules():
    series = Series("schedules.txt")
    total = EPOCHS * EPOCH_STEPS
    losses = [1, .9, .9, .89995, .91, .8, .81, .82, .83, .84, .85, .7, .7, .7,
              .7]
    series.put("step", rates_of(
        lambda o: lr_scheduler.StepLR(o, 2, .3), .05, True))
    series.put("cosine", rates_of(
        lambda o: lr_scheduler.CosineAnnealingLR(o, total), .05, False))
    series.put("one_cycle", rates_of(
        lambda o: lr_scheduler.OneCycleLR(o, .05, total, cycle_momentum=False),
        .05, False))
    series.put("one_cycle.rise", rates_of(
        lambda o: lr_scheduler.OneCycleLR(o, .05, total, pct_start=.4,
                                          cycle_momentum=False), .05, False))
    series.put("plateau.losses", losses)
    series.put("plateau", rates_of(
        lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=.3, patience=2),
        .05, True, losses))


optimizers()
schedules()
