#!/usr/bin/env python3
"""Measures how long a request waits for its first token while a job trains, beside the same on an idle server. Needs Python alone.

    ./lorikeet serve --model FOLDER --port 18300
    benchmarks/serving_while_training.py --url http://localhost:18300 [--requests 40] [--prompt 64] [--row 512] [--batch 2]

Each request has a new prompt of random token ids and streams one token; between two of them is a pause of 50 to 400 ms, so that they meet training
at any point. The job trains LoRA r=8 on all linear layers with gradient checkpointing, random rows, `batch` rows a micro-batch, two micro-batches a step.
A micro-batch is timed by steps that no request has touched. The promise: time to first token of at most twice the idle one plus one micro-batch.
Prints a table and a line of JSON, and appends the latter to results/serving_while_training.jsonl.
"""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import random
import statistics
import threading
import time
import urllib.parse
import urllib.request

RESULTS = pathlib.Path(__file__).resolve().parent / "results" / "serving_while_training.jsonl"
QUIET_STEPS, STEPS = 4, 100_000
WORDS = 1000  # Ids that every vocabulary has.


class Server:
    def __init__(self, url):
        self.url = url
        self.model = self.get("/v1/models")["data"][0]["id"]
        self.random = random.Random(time.time_ns())

    def get(self, path):
        return json.load(urllib.request.urlopen(self.url + path))

    def post(self, path, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.load(urllib.request.urlopen(urllib.request.Request(self.url + path, data, {"Content-Type": kind})))

    def ids(self, count):
        return [self.random.randrange(10, WORDS) for _ in range(count)]

    def first_token(self, length):
        """Seconds from sending a request to the first chunk of its answer."""
        place = urllib.parse.urlparse(self.url)
        connection = http.client.HTTPConnection(place.hostname, place.port)
        body = json.dumps({"model": self.model, "prompt": self.ids(length), "max_tokens": 1, "temperature": 0, "stream": True, "ignore_eos": True})
        connection.connect()
        start = time.perf_counter()
        connection.request("POST", "/v1/completions", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        line = answer.readline()
        while answer.status == 200 and not line.startswith(b"data: {"):
            line = answer.readline()
        seconds = time.perf_counter() - start
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {line.decode()}")
        answer.read()
        connection.close()
        return seconds

    def first_tokens(self, count, length):
        seconds = []
        for _ in range(count):
            time.sleep(self.random.uniform(0.05, 0.4))
            seconds.append(self.first_token(length))
        return seconds

    def start_job(self, row, batch):
        rows = "".join(json.dumps({"input_ids": ids, "labels": ids}) + "\n" for ids in (self.ids(row) for _ in range(64)))
        border = "----rows"
        parts = f'--{border}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--{border}\r\nContent-Disposition: form-data; ' \
                f'name="file"; filename="rows.jsonl"\r\n\r\n{rows}\r\n--{border}--\r\n'
        file = self.post("/v1/files", parts.encode(), f"multipart/form-data; boundary={border}")["id"]
        return self.post("/v1/fine_tuning/jobs", {"model": self.model, "training_file": file, "lorikeet": {
            "r": 8, "lora_alpha": 16, "target_modules": "all-linear", "per_device_train_batch_size": batch, "gradient_accumulation_steps": 2,
            "max_steps": STEPS, "max_seq_length": row, "save_strategy": "no"}})["id"]


class Steps(threading.Thread):
    """Follows a job's events."""

    def __init__(self, server, job):
        super().__init__(daemon=True)
        self.path = f"{server.url}/v1/fine_tuning/jobs/{job}/events?stream=true"
        self.seconds, self.changed, self.last = [], threading.Condition(), None

    def run(self):
        for line in urllib.request.urlopen(self.path):
            if line.startswith(b"data: {"):
                event = json.loads(line[6:])
                if event["level"] == "error":
                    self.last = event["message"]
                if "train_loss" in event["data"]:
                    with self.changed:
                        self.seconds.append(time.perf_counter())
                        self.changed.notify_all()

    def wait_for(self, count):
        with self.changed:
            while len(self.seconds) < count:
                if not self.changed.wait(120):
                    raise SystemExit(f"no step came: {self.last}")


def summary(name, seconds):
    ordered = sorted(seconds)
    return {f"{name}_median_s": round(statistics.median(ordered), 4), f"{name}_p95_s": round(ordered[int(0.95 * (len(ordered) - 1))], 4),
            f"{name}_max_s": round(ordered[-1], 4)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://localhost:8080")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--prompt", type=int, default=64)
    parser.add_argument("--row", type=int, default=512)
    parser.add_argument("--batch", type=int, default=2)
    options = parser.parse_args()
    server = Server(options.url)
    server.first_tokens(options.requests // 2, options.prompt)
    figures = summary("idle_ttft", server.first_tokens(options.requests, options.prompt))
    job = server.start_job(options.row, options.batch)
    try:
        steps = Steps(server, job)
        steps.start()
        steps.wait_for(2 + QUIET_STEPS)
        quiet = [later - earlier for earlier, later in zip(steps.seconds[1:], steps.seconds[2:])]
        figures["micro_batch_s"] = round(statistics.median(quiet) / 2, 4)
        before, begin = len(steps.seconds), time.perf_counter()
        figures |= summary("training_ttft", server.first_tokens(options.requests, options.prompt))
        figures["steps_meanwhile"] = len(steps.seconds) - before
        figures["training_slowed_to"] = round((len(steps.seconds) - before) / (time.perf_counter() - begin) * statistics.median(quiet), 2)
    finally:
        server.post(f"/v1/fine_tuning/jobs/{job}/cancel", {})
    for part in ("median", "p95", "max"):
        figures[f"allowed_{part}_s"] = round(2 * figures[f"idle_ttft_{part}_s"] + figures["micro_batch_s"], 4)
        figures[f"kept_{part}"] = figures[f"training_ttft_{part}_s"] <= figures[f"allowed_{part}_s"]
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    line = {"time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "model": server.model,
            "machine": f"{processor}, {os.cpu_count()} cores", "requests": options.requests, "prompt": options.prompt, "row": options.row,
            "batch": options.batch} | figures
    for name, value in line.items():
        print(f"{name:24} {value}")
    print(json.dumps(line))
    with open(RESULTS, "a") as out:
        out.write(json.dumps(line) + "\n")


main()
