#!/usr/bin/env python3
"""Writes what the tests of training on a quantised base compare with: eight steps of `peft` on bases that bitsandbytes itself has quantised.

    git clone --depth 1 https://github.com/bitsandbytes-foundation/bitsandbytes BNB      # nothing is built: its kernels in plain torch serve
    python qlora_reference.py BNB ../resources/fixtures ../resources/training/qlora.json  # torch 2.13, transformers 5.18, peft 0.21

Rows, rates, clipping and the adapter at the start are those of each family's `lora/training.json`. Every linear layer but `lm_head` becomes
the module that transformers puts in its place (`Linear4bit`, `Linear8bitLt` with threshold 6). The 8-bit layers multiply as on a GPU
(`MatMul8bitLt`); what bitsandbytes takes instead for training on a CPU (`MatMul8bitFp`) multiplies by the dequantised weight, and is given as
`int8_dequantised`. `logits` are those of the last position of the first row with the adapter at the end.
"""
import json
import logging
import os
import sys

import torch

checkout, fixtures, target = sys.argv[1:]
sys.path.insert(0, checkout)
import bitsandbytes as bnb  # noqa: E402
import bitsandbytes.autograd._functions as functions  # noqa: E402
from peft import PeftModel  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

logging.disable(logging.WARNING)
torch._dynamo.config.disable = True
on_cpu = functions.MatMul8bitFp
VARIANTS = {
    "nf4": dict(quant_type="nf4", compress_statistics=False, compute_dtype=torch.float32),
    "nf4_double": dict(quant_type="nf4", compress_statistics=True, compute_dtype=torch.float32),
    "fp4": dict(quant_type="fp4", compress_statistics=False, compute_dtype=torch.float32),
    "nf4_float16": dict(quant_type="nf4", compress_statistics=False, compute_dtype=torch.float16),
    "nf4_bfloat16": dict(quant_type="nf4", compress_statistics=False, compute_dtype=torch.bfloat16),
    "int8": {},
    "int8_dequantised": {},
}


def quantised(linear, options):
    shape = (linear.in_features, linear.out_features, linear.bias is not None)
    if options:
        module = bnb.nn.Linear4bit(*shape, **options)
        module.weight = bnb.nn.Params4bit(linear.weight.data, requires_grad=False, quant_type=options["quant_type"],
                                          compress_statistics=options["compress_statistics"], module=module)
        module.support_avx512bf16_for_cpu = False
    else:
        module = bnb.nn.Linear8bitLt(*shape, has_fp16_weights=False, threshold=6.0)
        module.weight = bnb.nn.Int8Params(linear.weight.data, requires_grad=False, has_fp16_weights=False)
    module.bias = linear.bias
    return module.to("cpu").requires_grad_(False)


def run(folder, options):
    reference = json.load(open(folder + "/lora/training.json"))
    rows = reference["rows"]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, quantised(module, options))
    model.is_loaded_in_4bit = bool(options)
    model.is_loaded_in_8bit = not options
    model = PeftModel.from_pretrained(model, folder + "/lora/start", is_trainable=True).train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=5e-3, weight_decay=0.01)
    learned = sum(len(row["input_ids"]) - row["prompt_length"] for row in rows)
    losses, norms = [], []
    for rate in reference["learning_rates"]:
        optimizer.param_groups[0]["lr"] = rate
        total = 0
        for row in rows:
            ids = torch.tensor([row["input_ids"]])
            labels = ids.clone()
            labels[:, :row["prompt_length"]] = -100
            logits = model(ids).logits[0, :-1]
            loss = torch.nn.functional.cross_entropy(logits, labels[0, 1:], ignore_index=-100, reduction="sum") / learned
            loss.backward()
            total += loss.item()
        losses.append(total)
        norms.append(torch.nn.utils.clip_grad_norm_(trained, reference["max_grad_norm"]).item())
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        logits = model(torch.tensor([rows[0]["input_ids"]])).logits[0, -1]
    return {"losses": [round(loss, 6) for loss in losses], "norms": [round(norm, 6) for norm in norms], "logits": [round(x, 5) for x in logits.tolist()]}


out = {}
for family in sorted(os.listdir(fixtures)):
    if os.path.isdir(f"{fixtures}/{family}/lora"):
        out[family] = {}
        for variant, options in VARIANTS.items():
            # `matmul` chooses the second one for training on a CPU.
            functions.MatMul8bitFp = on_cpu if variant == "int8_dequantised" else functions.MatMul8bitLt
            out[family][variant] = run(f"{fixtures}/{family}", options)
            print(family, variant, out[family][variant]["losses"][0], out[family][variant]["losses"][-1], flush=True)
with open(target, "w") as file:
    json.dump(out, file)
