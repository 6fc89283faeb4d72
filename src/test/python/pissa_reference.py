#!/usr/bin/env python3
"""Writes what the tests of PiSSA compare with: a few steps of `peft` from `init_lora_weights="pissa"` on the Llama fixture, in float32.

    python pissa_reference.py ../resources/fixtures/llama ../resources/training/pissa.json        # transformers, peft
"""
import json
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

MODULE = "model.layers.1.self_attn.o_proj"
STEPS = 6
folder, target = sys.argv[1:]
rows = json.load(open(f"{folder}/lora/training.json"))["rows"]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
module = model.get_submodule(MODULE)
before = module.weight.detach().clone()
model = get_peft_model(model, LoraConfig(r=4, lora_alpha=6, lora_dropout=0.0, target_modules="all-linear", init_lora_weights="pissa", task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3, weight_decay=0.0)
learned = sum(len(row["input_ids"]) - row["prompt_length"] for row in rows)
losses, norms = [], []
for _ in range(STEPS):
    total = 0.0
    for row in rows:
        ids = torch.tensor([row["input_ids"]])
        labels = ids.clone()
        labels[:, :row["prompt_length"]] = -100
        logits = model(ids).logits[0, :-1]
        total = total + torch.nn.functional.cross_entropy(logits, labels[0, 1:], ignore_index=-100, reduction="sum")
    loss = total / learned
    loss.backward()
    losses.append(loss.item())
    norms.append(torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1e9).item())
    optimizer.step()
    optimizer.zero_grad()
change = (model.get_submodule("base_model.model." + MODULE).base_layer.weight
          + model.get_submodule("base_model.model." + MODULE).get_delta_weight("default") - before).detach()
json.dump({"r": 4, "lora_alpha": 6, "learning_rate": 2e-3, "losses": losses, "norms": norms, "module": MODULE, "shape": list(change.shape),
           "change": [round(value, 7) for value in change.flatten().tolist()]}, open(target, "w"))
