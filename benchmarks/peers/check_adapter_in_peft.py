#!/usr/bin/env python3
"""Loads an adapter that Lorikeet has trained into transformers + peft, and compares with the server that serves it: the log-probabilities of
every token of a few texts, and greedy answers.

    check_adapter_in_peft.py BASE ADAPTER --url http://localhost:8080 --name ft:demo::mine:… [--tolerance 1e-3]

BASE and ADAPTER are folders (of a job: <data>/jobs/ftjob-…/output, or a checkpoint-N in it). Serve with `--dtype float32`, so that rounding does
not hide a difference; both sides compute in float32 then. Ends with 1 if a log-probability is further apart than the tolerance, or an answer differs.
"""
import argparse
import json
import sys
import urllib.request

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = ["What is LoRA?", "Translate into English: 안녕하세요, 오늘 날씨가 좋네요.", "The quick brown fox jumps over the lazy dog and then",
         "### Instruction:\nName three colours.\n\n### Response:\n"]
ANSWER = 24


def completion(arguments, name, ids):
    body = {"model": name, "prompt": ids, "max_tokens": ANSWER, "temperature": 0, "ignore_eos": True, "prompt_logprobs": 1, "return_token_ids": True}
    request = urllib.request.Request(arguments.url + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))["choices"][0]


def apart(choice, model, ids):
    """The largest difference of a log-probability, and whether the greedy answers are the same."""
    with torch.no_grad():
        scores = torch.log_softmax(model(torch.tensor([ids])).logits[0].float(), -1)
        answer = model.generate(torch.tensor([ids]), max_new_tokens=ANSWER, min_new_tokens=ANSWER, do_sample=False, eos_token_id=None)[0, len(ids):].tolist()
    served = [position[str(token)]["logprob"] for token, position in zip(ids[1:], choice["prompt_logprobs"][1:])]
    expected = [scores[i, token].item() for i, token in enumerate(ids[1:])]
    return max(abs(a - b) for a, b in zip(served, expected)), answer == choice["token_ids"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("adapter")
    parser.add_argument("--url", default="http://localhost:8080")
    parser.add_argument("--name", required=True)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    arguments = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(arguments.adapter)
    plain = AutoModelForCausalLM.from_pretrained(arguments.base, dtype=torch.float32, attn_implementation="eager").eval()
    texts = [tokenizer(text).input_ids for text in TEXTS]
    with torch.no_grad():
        before = [torch.log_softmax(plain(torch.tensor([ids])).logits[0].float(), -1) for ids in texts]
    model = PeftModel.from_pretrained(plain, arguments.adapter).eval()
    worst, same, moved = 0.0, True, 0.0
    for ids, base in zip(texts, before):
        difference, equal = apart(completion(arguments, arguments.name, ids), model, ids)
        with torch.no_grad():
            moved = max(moved, (torch.log_softmax(model(torch.tensor([ids])).logits[0].float(), -1) - base).abs().max().item())
        worst, same = max(worst, difference), same and equal
    print(json.dumps({"name": arguments.name, "prompts": len(texts), "tokens": sum(map(len, texts)), "largest_difference": worst,
                      "greedy_answers_equal": same, "adapter_moves_logprobs_by": moved}))
    sys.exit(0 if worst <= arguments.tolerance and same and moved > 10 * arguments.tolerance else 1)


main()
