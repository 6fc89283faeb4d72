#!/usr/bin/env python3
"""Writes what the tests of training on a quantised base compare with: eight steps of `peft` on bases that bitsandbytes itself has quantised.

    git clone --depth 1 https://github.com/bitsandbytes-foundation/bitsandbytes BNB      # nothing is built: its kernels in plain torch serve
    python qlora_reference.py BNB ../resources/fixtures ../resources/training/qlora.json  # torch 2.13, transformers 5.18, peft 0.21

Rows, rates, clipping and the adapter at the start are those of each family's `lora/training.json`. Every linear layer but `lm_head` becomes
the module that transformers puts in its place (`Linear4bit`, `Linear8bitLt` with threshold 6). The 8-bit layers multiply as on a GPU
(`MatMul8bitLt`; for training on a CPU bitsandbytes takes the dequantised weight), each token by itself: given several, bitsandbytes takes a
column out of the 8-bit product for all of them if one is an outlier there. `int8` has our own weight-only codes, dequantised, the head's too.
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
functions.MatMul8bitFp = functions.MatMul8bitLt
quantise_rows = functions.F.int8_vectorwise_quant


def with_the_constant_of_gpus(x, threshold=0.0):
    """The kernels in torch scale products by 6.200124e-05, those for GPUs by 6.200012e-05, which is 1/127². The former turns roundings of the next layer."""
    codes, largest, outliers = quantise_rows(x, threshold)
    return codes, largest * (6.200012e-05 / 6.200124e-05) if threshold > 0 else largest, outliers


functions.F.int8_vectorwise_quant = with_the_constant_of_gpus
VARIANTS = {
    "nf4": dict(quant_type="nf4", compress_statistics=False, compute_dtype=torch.float32),
    "nf4_double": dict(quant_type="nf4", compress_statistics=True, compute_dtype=torch.float32),
    "fp4": dict(quant_type="fp4", compress_statistics=False, compute_dtype=torch.float32),
    "nf4_float16": dict(quant_type="nf4", compress_statistics=False, compute_dtype=torch.float16),
    "nf4_bfloat16": dict(quant_type="nf4", compress_statistics=False, compute_dtype=torch.bfloat16),
    "llm_int8": {},
    "int8": {},
}


class TokenByToken(bnb.nn.Linear8bitLt):
    def forward(self, x):
        return torch.cat([super(TokenByToken, self).forward(token) for token in x.split(1, dim=-2)], -2)


def dequantised(weight):
    scale = weight.abs().amax(1, keepdim=True) * (1 / 127)
    return (weight / scale).round().clamp(-127, 127) * scale


def quantised(linear, variant):
    options = VARIANTS[variant]
    if variant == "int8":
        linear.weight.data = dequantised(linear.weight.data)
        return linear.requires_grad_(False)
    shape = (linear.in_features, linear.out_features, linear.bias is not None)
    if options:
        module = bnb.nn.Linear4bit(*shape, **options)
        module.weight = bnb.nn.Params4bit(linear.weight.data, requires_grad=False, quant_type=options["quant_type"],
                                          compress_statistics=options["compress_statistics"], module=module)
        module.support_avx512bf16_for_cpu = False
    else:
        module = TokenByToken(*shape, has_fp16_weights=False, threshold=6.0)
        module.weight = bnb.nn.Int8Params(linear.weight.data, requires_grad=False, has_fp16_weights=False)
    module.bias = linear.bias
    return module.to("cpu").requires_grad_(False)


def run(folder, variant):
    reference = json.load(open(folder + "/lora/training.json"))
    rows = reference["rows"]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, quantised(module, variant))
    if variant == "int8":
        # A copy: where it is tied to the embedding, that stays as it is.
        head = torch.nn.Linear(*reversed(model.lm_head.weight.shape), bias=False).requires_grad_(False)
        head.weight.data = dequantised(model.lm_head.weight.data)
        model.lm_head = head
    model.is_loaded_in_4bit = bool(VARIANTS[variant])
    model.is_loaded_in_8bit = variant == "llm_int8"
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
    return {"losses": [round(loss, 6) for loss in losses], "norms": [round(norm, 6) for norm in norms]}


out = {}
for family in sorted(os.listdir(fixtures)):
    if os.path.isdir(f"{fixtures}/{family}/lora"):
        out[family] = {}
        for variant in VARIANTS:
            out[family][variant] = run(f"{fixtures}/{family}", variant)
            print(family, variant, out[family][variant]["losses"][0], out[family][variant]["losses"][-1], flush=True)
with open(target, "w") as file:
    json.dump(out, file)
