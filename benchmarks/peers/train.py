#!/usr/bin/env python3
"""Compares training with TRL on one checkpoint: `./lorikeet bench-training` and train_trl.py in turn, each case in a process of its own,
round after round. Appends a line for each round and peer to results/training.jsonl and prints a table of all the lines of this run.

    .venv/bin/python train.py [--model models/llama-135m] [--rounds 3] [--run NAME] [CASE …]

A case is checkpointing, checkpointing_answers_only, no_checkpointing, no_checkpointing_answers_only or preferences; without any, all are measured.
With --run NAME, later calls go on with the rounds of a run that has begun.
"""
import argparse
import datetime
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "training.jsonl"
CASES = [begin + end for begin in ("checkpointing", "no_checkpointing") for end in ("", "_answers_only")] + ["preferences"]


def busy():
    """Seconds of processor time that the whole machine has spent working."""
    user, nice, system, _, _, irq, softirq, steal = map(int, open("/proc/stat").readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def command(peer, case, model):
    if peer == "lorikeet":
        return [str(HERE / ".." / ".." / "lorikeet"), "bench-training", case, "--model", model]
    return [sys.executable, str(HERE / "train_trl.py"), model] + (["--checkpointing"] if not case.startswith("no_") else []) \
        + (["--answers-only"] if case.endswith("answers_only") else []) + (["--preferences"] if case == "preferences" else [])


def measure(peer, case, model):
    """The figures of one process, and how many cores were busy with something else meanwhile."""
    # Ours writes its own line into LORIKEET_HOME; the launcher sets that, so what it appends is taken back.
    before = RESULTS.read_bytes() if RESULTS.exists() else b""
    start, machine, mine = time.perf_counter(), busy(), own()
    done = subprocess.run(command(peer, case, model), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{peer}, {case}: {done.stderr[-2000:]}")
    RESULTS.write_bytes(before)
    others = (busy() - machine - (own() - mine)) / (time.perf_counter() - start)
    line = json.loads(done.stdout.strip().splitlines()[-1])
    return {name: value for name, value in line.items() if name.startswith(case + "_")}, round(max(0, others), 2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--model", default=str(HERE / "models" / "llama-135m"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", default=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    arguments = parser.parse_args()
    unknown = set(arguments.cases) - set(CASES)
    if unknown:
        parser.error(f"unknown cases: {', '.join(unknown)}")
    lines = [json.loads(line) for line in open(RESULTS)] if RESULTS.exists() else []
    first = max([line["round"] for line in lines if line.get("run") == arguments.run], default=0) + 1
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    for number in range(first, first + arguments.rounds):
        rows = {peer: {"peer": peer, "model": pathlib.Path(arguments.model).name, "machine": f"{processor}, {os.cpu_count()} cores", "round": number,
                       "run": arguments.run, "others": 0.0} for peer in ("lorikeet", "trl")}
        for case in arguments.cases or CASES:
            for peer, row in rows.items():
                figures, others = measure(peer, case, arguments.model)
                row.update(figures, others=max(row["others"], others))
                print(f"round {number}, {case}, {peer}: {figures}, others {others}", file=sys.stderr)
        with open(RESULTS, "a") as out:
            for row in rows.values():
                out.write(json.dumps(row) + "\n")
    ours = "".join(line for line in open(RESULTS) if json.loads(line).get("run") == arguments.run)
    subprocess.run([sys.executable, str(HERE / "report.py")], input=ours, text=True, check=True)


main()
