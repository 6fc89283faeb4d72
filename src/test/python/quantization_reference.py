#!/usr/bin/env python3
"""Writes what the tests of quantised bases compare with: codes and scales that bitsandbytes' own code makes, and the last logits of every
fixture family that `transformers` computes with bitsandbytes' linear layers (int8 and int4: with matrices that their formula gives).

    git clone https://github.com/bitsandbytes-foundation/bitsandbytes      # its Python is enough; nothing of it is built
    PYTHONPATH=bitsandbytes python quantization_reference.py ../resources/fixtures ../resources/quantization     # transformers

Made with bitsandbytes of 2026-08-19 (95f9af30), torch 2.13, transformers 5.18, on one thread.
"""
import json
import os
import sys

import torch
from bitsandbytes import functional
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
fixtures, target = sys.argv[1:]
FAMILIES = ["llama", "llama3-rope", "mistral-swa", "gemma", "gemma2", "gemma3", "qwen2", "qwen3", "phi3"]
CASE = 2
# csrc/kernels.cu; the fallback in Python has a digit too many (6.200124e-05).
MM_DEQUANT_CONST = 6.200012e-05


def four_bit(kind, nested):
    def apply(weight):
        codes, state = functional.quantize_4bit(weight, blocksize=64, quant_type=kind, compress_statistics=nested)
        return functional.dequantize_4bit(codes, state).reshape(weight.shape)
    return apply


def int8(weight):
    scale = weight.abs().amax(1, True) * (1.0 / 127.0)
    return torch.clamp(torch.round(weight / scale), -127, 127) * scale


def int4(weight, group=32):
    w = weight.reshape(weight.shape[0], -1, group)
    low, high = w.amin(2, True), w.amax(2, True)
    scale = (high - low) / 15.0
    zero = low + scale * 8.0
    codes = torch.clamp(torch.round((w - zero) / scale) + 8.0, 0, 15)
    return ((codes - 8.0) * scale + zero).reshape(weight.shape)


class LlmInt8(torch.nn.Module):
    """bitsandbytes' LLM.int8 for each token by itself."""

    def __init__(self, linear):
        super().__init__()
        self.codes, self.scales, _ = functional.int8_vectorwise_quant(linear.weight.data.to(torch.float16))
        self.bias = linear.bias

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, x.shape[-1]):
            codes, scale, outliers = functional.int8_vectorwise_quant(row[None].to(torch.float16), threshold=6.0)
            sums = torch.ops.bitsandbytes.int8_linear_matmul(codes, self.codes)
            y = sums * (scale[:, None] * self.scales[None]) * MM_DEQUANT_CONST
            if outliers.numel():
                y = y + row[None][:, outliers] @ functional.int8_vectorwise_dequant(self.codes[:, outliers], self.scales).t()
            rows.append(y)
        y = torch.cat(rows).reshape(*x.shape[:-1], -1)
        return y if self.bias is None else y + self.bias


def replace(model, make):
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            parent = model.get_submodule(name.rsplit(".", 1)[0])
            setattr(parent, name.rsplit(".", 1)[1], make(module))


def with_weight(function):
    def make(linear):
        linear.weight.data = function(linear.weight.data)
        return linear
    return make


SCHEMES = {"nf4": with_weight(four_bit("nf4", False)), "nf4-dq": with_weight(four_bit("nf4", True)), "fp4": with_weight(four_bit("fp4", False)),
           "int8": with_weight(int8), "llm-int8": LlmInt8, "int4": with_weight(int4)}


@torch.no_grad()
def logits():
    out = {}
    for family in FAMILIES:
        ids = json.load(open(f"{fixtures}/{family}/reference.json"))["cases"][CASE]["input_ids"]
        out[family] = {}
        for scheme, make in SCHEMES.items():
            model = AutoModelForCausalLM.from_pretrained(f"{fixtures}/{family}", dtype=torch.float32, attn_implementation="eager").eval()
            replace(model, make)
            last = model(torch.tensor([ids])).logits[0, -1]
            out[family][scheme] = [float(f"{v:.6g}") for v in last.tolist()]
    return out


os.makedirs(target, exist_ok=True)
json.dump(logits(), open(f"{target}/logits.json", "w"), separators=(",", ":"))
