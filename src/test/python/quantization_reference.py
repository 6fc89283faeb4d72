#!/usr/bin/env python3
"""Writes what the tests of quantised bases compare with: codes and scales that bitsandbytes' own code makes, and the last logits of every
fixture family that `transformers` computes with bitsandbytes' linear layers (int8 and int4: with matrices that their formula gives).

    git clone https://github.com/bitsandbytes-foundation/bitsandbytes      # its Python is enough; nothing of it is built
    PYTHONPATH=bitsandbytes python quantization_reference.py ../resources/fixtures ../resources/quantization bitsandbytes     # transformers, g++

Four-bit codes are those of the CUDA kernels, which made the published checkpoints: `dQuantizeNF4` and `dQuantizeFP4` are taken out of
csrc/kernels.cu and compiled for the CPU. bitsandbytes' fallback in Python gives the same for NF4; for FP4 it gives small positive values the
code of minus zero.

Made with bitsandbytes of 2026-08-19 (95f9af30), torch 2.13, transformers 5.18, on one thread.
"""
import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile
from hashlib import sha256

import torch
from bitsandbytes import functional
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
fixtures, target, checkout = sys.argv[1:]
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
            if scheme in ("int8", "int4"):
                model.lm_head.weight = torch.nn.Parameter(int8(model.lm_head.weight.data))
            last = model(torch.tensor([ids])).logits[0, -1]
            out[family][scheme] = [float(f"{v:.6g}") for v in last.tolist()]
    return out


def kernels():
    source = open(f"{checkout}/csrc/kernels.cu").read()
    text = "#include <cmath>\n#define __device__\n#define __forceinline__\n"
    for name in ["dQuantizeNF4", "dQuantizeFP4"]:
        text += re.search(r"__device__ unsigned char " + name + r"\(float x\) \{.*?\n\}\n", source, re.S).group(0)
        text += f'extern "C" int {name[9:].lower()}(float x) {{ return {name}(x); }}\n'
    folder = tempfile.mkdtemp()
    open(f"{folder}/k.cpp", "w").write(text)
    subprocess.run(["g++", "-O1", "-shared", "-fPIC", "-o", f"{folder}/k.so", f"{folder}/k.cpp"], check=True)
    library = ctypes.CDLL(f"{folder}/k.so")
    for name in ["nf4", "fp4"]:
        getattr(library, name).argtypes = [ctypes.c_float]
    return library


def values():
    """Two full chunks of blocks and a part of one: random, beside every pivot, very small, very large, zeros."""
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(7, 64 * 52 + 6, generator=generator) * torch.exp(torch.randn(7, 1, generator=generator))
    x[0, :64] = 0
    x[0, 64:128] *= 1e-30
    x[0, 128:192] *= 1e30
    near = torch.tensor([0.03979015, 0.38931254, 0.64278692, 0.29166667, 0.583333, 0.58333334, 0.00260417, 0.0859375, 1e-4, -1e-4, 0.0, -0.0, 1.0])
    x[0, 192:192 + len(near)] = near
    x[0, 192 + len(near):256] = torch.linspace(-1, 1, 64 - len(near))
    return x.to(torch.bfloat16).float()


def vectors():
    library = kernels()
    x = values()
    flat = torch.cat([x.reshape(-1), torch.zeros(-x.numel() % 64)]).reshape(-1, 64)
    out = {"values": x.reshape(-1).to(torch.bfloat16).view(torch.int16).numpy().tobytes().hex(), "shape": list(x.shape)}
    for kind in ["nf4", "fp4"]:
        packed, state = functional.quantize_4bit(x, blocksize=64, quant_type=kind)
        scaled = flat * torch.where(state.absmax > 0, 1.0 / state.absmax, 0.0)[:, None]
        codes = torch.tensor([getattr(library, kind)(v) for v in scaled.reshape(-1).tolist()], dtype=torch.uint8)[:x.numel()]
        kernel = (codes[::2] << 4) | codes[1::2]
        if kind == "nf4":
            assert torch.equal(kernel, packed.reshape(-1))
        values_of = functional.dequantize_4bit(kernel.reshape(-1, 1), state)
        out[kind] = {"codes": kernel.numpy().tobytes().hex(), "absmax": hexed(state.absmax), "dequantized_sha256": sha256(bytes.fromhex(hexed(values_of))).hexdigest()}
        # Without the first row, whose extremes would leave one code to all others.
        nested = functional.quantize_4bit(x[1:], blocksize=64, quant_type=kind, compress_statistics=True)[1]
        out[kind]["nested"] = {"codes": nested.absmax.numpy().tobytes().hex(), "absmax": hexed(nested.state2.absmax), "offset": hexed(nested.offset.reshape(1)),
                               "scales": hexed(functional.dequantize_blockwise(nested.absmax, nested.state2) + nested.offset)}
    rows = x[1:]
    codes, scales, _ = functional.int8_vectorwise_quant(rows.to(torch.float16))
    out["llm-int8"] = {"codes": codes.numpy().tobytes().hex(), "scales": hexed(scales)}
    out["dynamic_map"] = hexed(functional.create_dynamic_map())
    return out


def hexed(x):
    return x.float().contiguous().numpy().tobytes().hex()


def checkpoint(name, family, config, quantize):
    """A checkpoint as `save_pretrained` writes it after loading with bitsandbytes."""
    os.makedirs(f"{target}/{name}", exist_ok=True)
    tensors = {}
    for key, value in load_file(f"{fixtures}/{family}/model.safetensors").items():
        tensors.update(quantize(key, value) if re.search(r"(_proj|qkv_proj|gate_up_proj)\.weight$", key) else {key: value})
    save_file(tensors, f"{target}/{name}/model.safetensors", {"format": "pt"})
    base = json.load(open(f"{fixtures}/{family}/config.json"))
    base["quantization_config"] = {"quant_method": "bitsandbytes", "llm_int8_skip_modules": ["lm_head"], **config}
    json.dump(base, open(f"{target}/{name}/config.json", "w"), indent=1)


def stored_four_bit(key, weight):
    codes, state = functional.quantize_4bit(weight, blocksize=64, quant_type="nf4", compress_statistics=True)
    return {key: codes, **{f"{key}.{part}": tensor.clone() for part, tensor in state.as_dict(packed=True).items()}}


def stored_eight_bit(key, weight):
    codes, scales, _ = functional.int8_vectorwise_quant(weight.to(torch.float16))
    module = key.removesuffix("weight")
    return {key: codes, module + "SCB": scales, module + "weight_format": torch.tensor(0, dtype=torch.uint8)}


os.makedirs(target, exist_ok=True)
checkpoint("phi3-nf4", "phi3", {"load_in_4bit": True, "load_in_8bit": False, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True,
                                "bnb_4bit_compute_dtype": "float32", "bnb_4bit_quant_storage": "uint8"}, stored_four_bit)
checkpoint("llama-8bit", "llama", {"load_in_4bit": False, "load_in_8bit": True, "llm_int8_threshold": 6.0}, stored_eight_bit)
json.dump(vectors(), open(f"{target}/vectors.json", "w"), separators=(",", ":"))
json.dump(logits(), open(f"{target}/logits.json", "w"), separators=(",", ":"))
