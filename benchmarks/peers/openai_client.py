#!/usr/bin/env python3
"""Measures a server through OpenAI's `/v1/completions` and prints one JSON line.

    openai_client.py --url URL --model NAME --folder CHECKPOINT --peer LABEL [--pid SERVER] [--repeat 3] [--clients 1 4 8 16]

All requests are greedy; every prompt is new, so that no prefix is reused; prompts are texts whose words are one token each.
`others` is how many cores were busy with something else meanwhile: where it is not near zero, distrust the line.
"""
import argparse
import asyncio
import json
import os
import random
import statistics
import time
from pathlib import Path

import aiohttp

PROMPT = 64
OUTPUT = 64
TICKS = os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("url", "model", "folder", "peer"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--pid", type=int, help="the server's process, for its memory and its share of the processor")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions of each figure; the median counts")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--start-timeout", type=float, default=120)
    return parser.parse_args()


def words(folder):
    """Words that are one token with the blank before them: as make_model.py lists them, or else as the vocabulary shows them."""
    listed = folder / "words.json"
    if listed.exists():
        return json.loads(listed.read_text())
    vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return [token[1:] for token, i in vocabulary.items() if token[0] == "\u0120" and token[1:].isalpha() and token.isprintable() and i < 8000]


def busy_seconds():
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def used_seconds(pids):
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def peak_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024


class Load:
    def __init__(self, options, session):
        self.options = options
        self.session = session
        self.words = words(Path(options.folder))
        self.random = random.Random()

    def body(self, prompt, output, stream):
        text = "".join(" " + word for word in self.random.choices(self.words, k=prompt))
        body = {"model": self.options.model, "prompt": text, "max_tokens": output, "temperature": 0, "stream": stream}
        if stream:
            body["stream_options"] = {"include_usage": True}
        return body

    async def whole(self, prompt, output):
        """Tokens generated."""
        async with self.session.post(self.options.url + "/v1/completions", json=self.body(prompt, output, False)) as response:
            response.raise_for_status()
            return (await response.json())["usage"]["completion_tokens"]

    async def streamed(self, prompt, output):
        """Seconds to the first token, tokens, seconds from the first token to the last."""
        start = time.perf_counter()
        first = last = None
        tokens = chunks = 0
        async with self.session.post(self.options.url + "/v1/completions", json=self.body(prompt, output, True)) as response:
            response.raise_for_status()
            async for line in response.content:
                if not line.startswith(b"data:") or b"[DONE]" in line:
                    continue
                event = json.loads(line[5:])
                if event.get("choices"):
                    last = time.perf_counter()
                    first = first or last
                    chunks += 1
                tokens = (event.get("usage") or {}).get("completion_tokens") or tokens
        return first - start, tokens or chunks, last - first

    async def first_token(self, prompt):
        return (await self.streamed(prompt, 1))[0]

    async def decode_rate(self):
        _, tokens, seconds = await self.streamed(PROMPT, OUTPUT)
        return (tokens - 1) / seconds

    async def aggregate_rate(self, clients):
        start = time.perf_counter()
        tokens = await asyncio.gather(*[self.whole(PROMPT, OUTPUT) for _ in range(clients)])
        return sum(tokens) / (time.perf_counter() - start)

    async def until_ready(self):
        start = time.perf_counter()
        while True:
            try:
                return await self.whole(8, 1)
            except aiohttp.ClientError:
                if time.perf_counter() - start > self.options.start_timeout:
                    raise
                await asyncio.sleep(0.1)

    async def median(self, measure):
        await measure()
        return statistics.median([await measure() for _ in range(self.options.repeat)])

    async def all(self):
        await self.until_ready()
        figures = {}
        for prompt in (128, 512):
            seconds = await self.median(lambda: self.first_token(prompt))
            figures[f"ttft_{prompt}_ms"] = seconds * 1000
            figures[f"prefill_{prompt}_tok_s"] = prompt / seconds
        figures["decode_tok_s"] = await self.median(self.decode_rate)
        for clients in self.options.clients:
            figures[f"aggregate_{clients}_tok_s"] = await self.median(lambda: self.aggregate_rate(clients))
        return figures


async def main():
    options = arguments()
    pids = [os.getpid()] + ([options.pid] if options.pid else [])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600), connector=aiohttp.TCPConnector(limit=0)) as session:
        start, busy, used = time.perf_counter(), busy_seconds(), used_seconds(pids)
        figures = await Load(options, session).all()
        others = max(0, busy_seconds() - busy - (used_seconds(pids) - used)) / (time.perf_counter() - start)
    if options.pid:
        figures["peak_rss_mib"] = peak_mib(options.pid)
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "peer": options.peer, "checkpoint": Path(options.folder).resolve().name,
            "cores": os.cpu_count(), "repeat": options.repeat, "others": round(others, 2)}
    print(json.dumps(line | {name: round(value, 2) for name, value in figures.items()}))


asyncio.run(main())
