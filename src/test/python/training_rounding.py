"""Which numbers of a fixture's adapter float32 cannot decide: the reference run of `lora/training.json` by peft, in float64, in float32 on
a padded batch, and in float32 row by row. docs/decisions/adam-and-rounding.md has what it printed.

    pip install torch transformers peft
    python src/test/python/training_rounding.py src/test/resources/fixtures/llama
"""
import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

EPSILON = 1e-8
folder = sys.argv[1]
reference = json.load(open(folder + "/lora/training.json"))
rows = reference["rows"]
learned = sum(len(row["input_ids"]) - row["prompt_length"] for row in rows)


def losses(model, padded):
    """Summed losses of each backward pass: one for the batch, or one for each row."""
    if padded:
        longest = max(len(row["input_ids"]) for row in rows)
        batches = [[row["input_ids"] + [0] * (longest - len(row["input_ids"])) for row in rows]]
    else:
        batches = [[row["input_ids"]] for row in rows]
    for number, batch in enumerate(batches):
        members = rows if padded else [rows[number]]
        ids = torch.tensor(batch)
        mask = torch.tensor([[1] * len(row["input_ids"]) + [0] * (ids.size(1) - len(row["input_ids"])) for row in members])
        labels = torch.tensor([[-100] * row["prompt_length"] + row["input_ids"][row["prompt_length"]:] + [-100] * (ids.size(1) - len(row["input_ids"]))
                               for row in members])
        logits = model(input_ids=ids, attention_mask=mask).logits
        yield torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, logits.size(-1)), labels[:, 1:].reshape(-1), ignore_index=-100, reduction="sum")


def run(dtype, padded):
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")
    model = PeftModel.from_pretrained(base, folder + "/lora/start", is_trainable=True)
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    for _, p in trained:
        p.data = p.data.to(dtype)
    optimizer = torch.optim.AdamW([p for _, p in trained], lr=5e-3, eps=EPSILON, weight_decay=0.01)
    differences, first = [], {}
    for step in range(8):
        optimizer.param_groups[0]["lr"] = reference["learning_rates"][step]
        optimizer.zero_grad()
        total = 0
        for loss in losses(model, padded):
            (loss / learned).backward()
            total += loss.item() / learned
        torch.nn.utils.clip_grad_norm_([p for _, p in trained], 0.3)
        if step == 0:
            first = {name: p.grad.flatten().double() for name, p in trained}
        optimizer.step()
        if step == 0:
            after = {name: p.detach().flatten().double() for name, p in trained}
        differences.append(total - reference["losses"][step])
    return differences, first, after


runs = {"float64": run(torch.float64, True), "float32, padded": run(torch.float32, True), "float32, row by row": run(torch.float32, False)}
for name, (differences, _, _) in runs.items():
    print(f"{name}: losses differ by", " ".join(f"{d:.1e}" for d in differences))
print("first updates that differ by more than 1 % of the rate:")
exact = runs["float64"][1]
for name in exact:
    updates = [gradient[name] / (gradient[name].abs() + EPSILON) for _, gradient, _ in runs.values()]
    for i in torch.nonzero((updates[0] - updates[1]).abs() > 0.01).flatten().tolist():
        print(f"  {name}[{i}]: gradients", " ".join(f"{gradient[name][i]:.3e}" for _, gradient, _ in runs.values()),
              "values after the step", " ".join(f"{after[name][i]:.6e}" for _, _, after in runs.values()))
