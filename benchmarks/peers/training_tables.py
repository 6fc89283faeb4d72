#!/usr/bin/env python3
"""Writes the numbers that the training tests compare with: learning rates of transformers' schedules, a few steps of the optimizers of
torch and transformers, and the 8-bit map of bitsandbytes.

    .venv/bin/python training_tables.py ../../src/test/resources/training/tables.json
"""
import json
import sys

import torch
from transformers import get_scheduler
from transformers.optimization import Adafactor


def schedule(name, warmup, total, rate):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=rate)
    scheduler = get_scheduler(name, optimizer, num_warmup_steps=warmup, num_training_steps=total)
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"name": name, "warmup": warmup, "total": total, "rate": rate, "rates": rates}


def steps(name, make):
    """Four steps on a matrix and a vector, with the gradients given."""
    draw = torch.Generator().manual_seed(7)
    start = [torch.randn(3, 4, generator=draw), torch.randn(5, generator=draw)]
    gradients = [[torch.randn(p.shape, generator=draw) for p in start] for _ in range(4)]
    parameters = [torch.nn.Parameter(p.clone()) for p in start]
    optimizer = make(parameters)
    after = []
    for step in gradients:
        for p, g in zip(parameters, step):
            p.grad = g.clone()
        optimizer.step()
        after.append([p.detach().flatten().tolist() for p in parameters])
    return {"name": name, "start": [p.flatten().tolist() for p in start], "gradients": [[g.flatten().tolist() for g in step] for step in gradients], "after": after}


def dynamic_map(signed):
    """What bitsandbytes' functional.py publishes as its dynamic data type: seven powers of ten, 1e-6 to 1. Each next power has twice as many
    values, the middles between evenly spaced points of [0.1, 1]; a map without signs has twice as many again. Zero and one are added."""
    values = [0.0, 1.0]
    for power in range(7):
        count = 2 ** (power if signed else power + 1)
        points = torch.linspace(0.1, 1, count + 1, dtype=torch.float32)
        middles = ((points[1:] + points[:-1]) / 2 * 10.0 ** (power - 6)).tolist()
        values += middles + ([-value for value in middles] if signed else [])
    assert len(values) == 256
    return sorted(values)


names = ["linear", "cosine", "constant", "constant_with_warmup", "polynomial", "cosine_with_restarts"]
tables = {
    "schedules": [schedule(name, warmup, 12, 3e-4) for name in names for warmup in (0, 3)],
    "optimizers": [
        steps("adamw_torch", lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)),
        steps("sgd", lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=0.1)),
        steps("adafactor", lambda p: Adafactor(p, lr=0.01, weight_decay=0.1, scale_parameter=False, relative_step=False)),
    ],
    "dynamic_map": {"signed": dynamic_map(True), "unsigned": dynamic_map(False)},
}
with open(sys.argv[1], "w") as out:
    json.dump(tables, out, indent=1)
    out.write("\n")
