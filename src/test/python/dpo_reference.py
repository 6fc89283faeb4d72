#!/usr/bin/env python3
"""Writes what the tests of DPO compare with: eight steps of TRL's DPOTrainer on every fixture, in float32, from its adapter `lora/start`.

    python dpo_reference.py ../resources/fixtures ../resources/training/dpo.json     # trl 1.13.0, transformers 5.18.0, peft 0.21.0, torch 2.13.0

All pairs are one batch, so that their order does not matter. Where this TRL has no longer an option, its present equivalent is run:
  label_smoothing with sigmoid   `aot` of one pair at a time, which is Chowdhury et al.'s smoothed logarithm; four of them are accumulated
  rpo_alpha                      loss_type [sigmoid, sft] with loss_weights [1, rpo_alpha]
  reference_free                 reference log-probabilities of zero, handed in as precomputed ones
The reference is the base without an adapter (`ref_model`). The cases `continued` and `against_base` go on from `lora/end`; in the former the
reference is what TRL makes of an adapter that is trained on: its copy.
"""
import json
import os
import pathlib
import sys
import tempfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TQDM_DISABLE"] = "1"

import torch
from datasets import Dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

STEPS = 8
# The other families have the cases of loss_type sigmoid alone.
WITH_ALL_LOSSES = ["llama", "gemma3", "qwen2"]
WITH_ALL = ["sigmoid", "continued", "against_base"]
BETA = 0.3
METRICS = ["rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen", "logps/rejected", "mean_token_accuracy"]
PAIRS = [
    {"prompt": "Question: what does a parrot eat?\nAnswer:", "chosen": " Seeds, fruit and nuts.", "rejected": " I do not know."},
    {"prompt": "질문: 앵무새는 무엇을 먹나요?\n답:", "chosen": " 씨앗과 과일을 먹어요.", "rejected": " 몰라요."},
    {"prompt": "1 + 1 =", "chosen": " 2", "rejected": " 3, or perhaps 4"},
    {"prompt": "Say hello.\n", "chosen": "Hello, and a good day to you!", "rejected": "No."},
]
# The options that lorikeet is given, and what TRL is given.
CASES = {
    "sigmoid": ({"loss_type": "sigmoid"}, {"loss_type": ["sigmoid"]}),
    "continued": ({"loss_type": "sigmoid"}, {"loss_type": ["sigmoid"]}),
    "against_base": ({"loss_type": "sigmoid"}, {"loss_type": ["sigmoid"]}),
    "smoothed": ({"loss_type": "sigmoid", "label_smoothing": 0.2},
                 {"loss_type": ["aot"], "label_smoothing": 0.2, "per_device_train_batch_size": 1, "gradient_accumulation_steps": len(PAIRS)}),
    "hinge": ({"loss_type": "hinge"}, {"loss_type": ["hinge"]}),
    "ipo": ({"loss_type": "ipo"}, {"loss_type": ["ipo"]}),
    "robust": ({"loss_type": "robust", "label_smoothing": 0.1}, {"loss_type": ["robust"], "label_smoothing": 0.1}),
    "rpo": ({"loss_type": "sigmoid", "rpo_alpha": 0.5}, {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, 0.5]}),
    "reference_free": ({"loss_type": "sigmoid", "reference_free": True}, {"loss_type": ["sigmoid"], "precompute_ref_log_probs": True}),
}


torch.set_num_threads(1)


class Recording(DPOTrainer):
    """Keeps the losses as they are: what Trainer logs is rounded."""
    free = False

    def compute_loss(self, *args, **kwargs):
        result = super().compute_loss(*args, **kwargs)
        self.losses.append((result[0] if isinstance(result, tuple) else result).item())
        return result

    def compute_ref_log_probs(self, model, inputs):
        logps = super().compute_ref_log_probs(model, inputs)
        return tuple(torch.zeros_like(x) for x in logps) if self.free else logps


def run(folder, case):
    own, trl = CASES[case]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    load = lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    start = "end" if case in ("continued", "against_base") else "start"
    model = PeftModel.from_pretrained(load(), folder / "lora" / start, is_trainable=True)
    Recording.free = case == "reference_free"
    with tempfile.TemporaryDirectory() as output:
        settings = {"per_device_train_batch_size": len(PAIRS), "gradient_accumulation_steps": 1} | trl
        args = DPOConfig(output, beta=BETA, max_steps=STEPS, learning_rate=5e-3, lr_scheduler_type="constant", weight_decay=0.0, max_grad_norm=0.5,
                         logging_steps=1, save_strategy="no", report_to=[], bf16=False, fp16=False, use_cpu=True, gradient_checkpointing=False,
                         max_length=512, **settings)
        trainer = Recording(model, ref_model=None if case == "continued" else load(), args=args, train_dataset=Dataset.from_list(PAIRS), processing_class=tokenizer)
        trainer.losses = []
        pairs = [{key: row[key] for key in ("prompt_ids", "chosen_ids", "rejected_ids")} for row in trainer.train_dataset]
        trainer.train()
    passes = settings["gradient_accumulation_steps"]
    losses = [sum(trainer.losses[i * passes:(i + 1) * passes]) / passes for i in range(STEPS)]
    logs = [line for line in trainer.state.log_history if "loss" in line]
    steps = [{"loss": round(loss, 6), "grad_norm": round(float(line["grad_norm"]), 6)} | {name: round(line[name], 6) for name in METRICS}
             for loss, line in zip(losses, logs, strict=True)]
    return pairs, {"options": own, "start": start, "steps": steps}


def main():
    fixtures, target = map(pathlib.Path, sys.argv[1:])
    families = {}
    for folder in sorted(path for path in fixtures.iterdir() if (path / "lora").is_dir()):
        cases = {}
        for case in CASES if folder.name in WITH_ALL_LOSSES else WITH_ALL:
            pairs, cases[case] = run(folder, case)
            print(folder.name, case, cases[case]["steps"][0], cases[case]["steps"][-1], flush=True)
        families[folder.name] = {"pairs": pairs, "cases": cases}
    text = {"rows": PAIRS, "beta": BETA, "learning_rate": 5e-3, "max_grad_norm": 0.5, "families": families}
    target.write_text(json.dumps(text, ensure_ascii=False, indent=None).replace('{"options"', '\n{"options"').replace('{"loss":', '\n {"loss":') + "\n")


main()
