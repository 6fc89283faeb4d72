"""TRL's SFTTrainer or DPOTrainer with PEFT on one checkpoint, as `./lorikeet bench-training` measures ours: LoRA r=8 on all linear layers, rows of 512 tokens,
batch 2, accumulation 2, six steps of which the first does not count; with --preferences a pair of such rows as the batch. Prints one JSON line.

    train_trl.py MODEL [--checkpointing] [--answers-only | --preferences] [--threads N]

Rows are random ids; the loss counts all tokens, or the last half of each row. Memory is the peak of the whole process.
"""
import argparse
import json
import os
import resource
import statistics
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("--checkpointing", action="store_true")
parser.add_argument("--answers-only", action="store_true")
parser.add_argument("--preferences", action="store_true")
parser.add_argument("--threads", type=int, default=os.cpu_count())
arguments = parser.parse_args()
os.environ.update(OMP_NUM_THREADS=str(arguments.threads), TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

ROW, BATCH, ACCUMULATION, STEPS = 512, 2, 2, 6
torch.set_num_threads(arguments.threads)
torch.manual_seed(1)
model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype="auto", attn_implementation="sdpa")
ids = torch.randint(0, model.config.vocab_size, (STEPS * BATCH * ACCUMULATION, ROW)).tolist()
rows = {"input_ids": ids}
if arguments.answers_only:
    rows["completion_mask"] = [[0] * (ROW // 2) + [1] * (ROW // 2) for _ in ids]
if arguments.preferences:
    # DPOTrainer takes text: a word of this checkpoint is one token, and the end of an answer is one, too.
    words = json.load(open(os.path.join(arguments.model, "words.json")))
    text = lambda count: "".join(" " + words[i] for i in torch.randint(0, len(words), (count,)).tolist())
    pairs = STEPS * ACCUMULATION
    rows = {"prompt": [text(ROW // 2) for _ in range(pairs)], "chosen": [text(ROW // 2 - 1) for _ in range(pairs)],
            "rejected": [text(ROW // 2 - 1) for _ in range(pairs)]}


class Steps(TrainerCallback):
    seconds = []

    def on_step_begin(self, *_, **__):
        self.start = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.start)


with tempfile.TemporaryDirectory() as folder:
    common = dict(output_dir=folder, max_length=ROW, gradient_accumulation_steps=ACCUMULATION, max_steps=STEPS, learning_rate=2e-4, save_strategy="no",
                  report_to="none", bf16=model.dtype == torch.bfloat16, use_cpu=True, gradient_checkpointing=arguments.checkpointing, disable_tqdm=True, seed=1)
    if arguments.preferences:
        trainer, config = DPOTrainer, DPOConfig(per_device_train_batch_size=BATCH // 2, **common)
    else:
        trainer, config = SFTTrainer, SFTConfig(packing=False, per_device_train_batch_size=BATCH, completion_only_loss=arguments.answers_only, **common)
    trainer(model=model, args=config, train_dataset=Dataset.from_dict(rows), processing_class=AutoTokenizer.from_pretrained(arguments.model),
            callbacks=[Steps()], peft_config=LoraConfig(r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")).train()
case = "preferences" if arguments.preferences else ("" if arguments.checkpointing else "no_") + "checkpointing" + ("_answers_only" if arguments.answers_only else "")
print(json.dumps({case + "_tok_s": ROW * BATCH * ACCUMULATION / statistics.median(Steps.seconds[1:]),
                  case + "_peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
