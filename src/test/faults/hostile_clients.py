"""Two hundred hostile clients at once: slow readers, clients that leave, bodies that are too large, never end, stall or are no JSON, texts that are too long,
headers that drip.
Afterwards memory, slots and metrics must be where they began.

    python3 src/test/faults/hostile_clients.py [--seconds 300] [--clients 200]

Needs a built server (./lorikeet build), which gets a heap of LORIKEET_HEAP (512m; the default of `serve` is 1g). Ends with 1 if anything does not hold."""
import argparse
import asyncio
import collections
import json
import os
import random
import socket
import tempfile
import time

from server import Server, end, expect

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=int, default=300)
parser.add_argument("--clients", type=int, default=200)
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()
counts = collections.Counter()
port = 0


def head(length, path="/v1/chat/completions", more=""):
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}Content-Length: {length}\r\n\r\n".encode()


def chat(tokens, **more):
    body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": f"안녕 {random.random()}"}], "max_tokens": tokens, "ignore_eos": True, **more}).encode()
    return head(len(body)) + body


async def connect(buffer=0):
    sock = socket.socket()
    sock.setblocking(False)
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=sock)


async def drain(reader, seconds=60):
    data = b""
    try:
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(1 << 16):
                data = (data + chunk)[-4096:]
                if b"[DONE]" in data or b"\r\n0\r\n\r\n" in data:
                    break
    except (TimeoutError, OSError):
        pass
    return data


async def polite(rng):
    reader, writer = await connect()
    writer.write(chat(rng.randint(1, 40), stream=True))
    data = await drain(reader, 600)
    counts["answers" if b"[DONE]" in data else "refused" if b" 429 " in data or b" 503 " in data else "broken off"] += 1
    writer.close()


async def slow_reader(rng):
    reader, writer = await connect(buffer=2048)
    writer.write(chat(400, stream=True, logprobs=True, top_logprobs=20))
    for _ in range(rng.randint(5, 40)):
        await asyncio.sleep(0.5)
        if not await reader.read(256):
            break
    writer.transport.abort()


async def leaves_midstream(rng):
    reader, writer = await connect()
    writer.write(chat(800, stream=True))
    await asyncio.wait_for(reader.read(300), 30)
    await asyncio.sleep(rng.random())
    writer.transport.abort()


async def leaves_at_once(rng):
    _, writer = await connect()
    writer.write(chat(800, stream=rng.random() < 0.5))
    await asyncio.sleep(rng.random() / 5)
    writer.transport.abort()


async def half_a_body(rng):
    _, writer = await connect()
    writer.write(head(5000) + b'{"model": "demo", "mess')
    await asyncio.sleep(rng.random() * 3)
    writer.transport.abort()


async def announced_too_large(rng):
    reader, writer = await connect()
    writer.write(head(1 << 40, rng.choice(["/v1/chat/completions", "/v1/files", "/tokenize"])))
    data = await asyncio.wait_for(reader.read(400), 30)
    counts["413" if b" 413 " in data else "other"] += 1
    writer.transport.abort()


async def endless_body(_):
    reader, writer = await connect()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    try:
        async with asyncio.timeout(30):
            for _ in range(400):
                writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
                await writer.drain()
    except (TimeoutError, OSError):
        counts["endless bodies cut"] += 1
    writer.transport.abort()


async def nonsense(rng):
    reader, writer = await connect()
    body = rng.choice([b"[" * 60000, b'{"a":' * 20000, b"\xff\xfe" * 1000, b'{"model": "demo", "messages": ' + b"9" * 5000 + b"}", b'"' + b"\\u0000" * 9000])
    writer.write(head(len(body)) + body)
    data = await asyncio.wait_for(reader.read(400), 30)
    counts["400" if b" 400 " in data else "other"] += 1
    writer.transport.abort()


async def too_much(rng):
    reader, writer = await connect()
    writer.write(rng.choice([chat(10, n=100000), chat(10, stop=["a"] * 1000), head(4 << 20) + b'{"model": "demo", "prompt": "' + b"a " * (2 << 20)]))
    await asyncio.wait_for(reader.read(400), 30)
    writer.transport.abort()


async def many_values(_):
    reader, writer = await connect()
    body = b'{"model": "demo", "messages": [{}' + b",{}" * (4 << 20) + b"]}"
    writer.write(head(len(body)) + body)
    data = await asyncio.wait_for(reader.read(400), 60)
    counts["many values: " + ("refused" if b" 413 " in data or b" 503 " in data else "other")] += 1
    writer.transport.abort()


async def long_text(rng):
    reader, writer = await connect()
    body = json.dumps({"model": "demo", "prompt": "a " * rng.choice([60_000, 130_000, 7_000_000])}).encode()
    writer.write(head(len(body), rng.choice(["/tokenize", "/v1/completions"])) + body)
    data = await asyncio.wait_for(reader.read(400), 60)
    counts["long text: " + data[9:12].decode()] += 1
    writer.transport.abort()


async def stalled_body(rng):
    reader, writer = await connect()
    writer.write(head(12 << 20) + b'{"model": "demo", "prompt": "' + b"a" * (8 << 20))
    data = b""
    try:
        data = await asyncio.wait_for(reader.read(400), rng.random() * 20)
    except TimeoutError:
        pass
    counts["stalled body: " + (data[9:12].decode() or "kept")] += 1
    writer.transport.abort()


async def dripping_head(rng):
    _, writer = await connect()
    for byte in b"POST /v1/chat/completions HTTP/1.1\r\nHost: loc":
        writer.write(bytes([byte]))
        await asyncio.sleep(rng.random() / 4)
    writer.transport.abort()


async def fat_head(_):
    reader, writer = await connect()
    writer.write(b"GET /v1/models HTTP/1.1\r\nX-Fat: " + b"a" * 200000 + b"\r\n\r\n")
    await asyncio.wait_for(reader.read(200), 30)
    writer.transport.abort()


async def broken_upload(rng):
    _, writer = await connect()
    writer.write(b"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 3000000\r\n\r\n"
                 b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n' + b"{}\n" * rng.randint(1, 300000))
    await asyncio.sleep(rng.random())
    writer.transport.abort()


KINDS = [polite, polite, slow_reader, slow_reader, leaves_midstream, leaves_at_once, half_a_body, announced_too_large, endless_body, nonsense, too_much,
         dripping_head, fat_head, broken_upload, many_values, long_text, stalled_body]


async def client(number, until):
    rng = random.Random(arguments.seed * 1000 + number)
    while time.time() < until:
        kind = rng.choice(KINDS)
        counts[kind.__name__] += 1
        try:
            await kind(rng)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            counts["errors of sockets"] += 1


def settled(server, seconds):
    """Resident memory when nobody asks: the least within some seconds, since what is free goes back only after a while."""
    least = server.resident()
    for _ in range(seconds):
        time.sleep(1)
        least = min(least, server.resident())
    return least


async def load(server):
    until = time.time() + arguments.seconds
    clients = [asyncio.create_task(client(i, until)) for i in range(arguments.clients)]
    highest = 0.0
    while time.time() < until:
        await asyncio.sleep(1)
        highest = max(highest, server.resident())
        if int(until - time.time()) % 30 == 0:
            print(f"{highest:.0f} MiB so far, {counts['answers']} answers", flush=True)
    await asyncio.wait(clients, timeout=120)
    return highest


def main():
    global port
    folder = tempfile.mkdtemp(prefix="lorikeet-faults-")
    # A JVM takes its whole heap in the end, so that a small one shows what else grows, and whether bodies fit into it.
    server = Server(folder + "/data", env={"LORIKEET_HEAP": os.environ.get("LORIKEET_HEAP", "512m")}).ready()
    port = server.port
    before = [server.chat() for _ in range(20)][0]
    # A server at work: all slots have been full once.
    expect(server.post("/v1/completions", {"model": "demo", "prompt": ["a"] * 16, "max_tokens": 900, "ignore_eos": True})[0] == 200, "all slots can be filled")
    began = server.resident()
    idle = settled(server, 30)
    highest = asyncio.run(load(server))
    print(dict(counts))
    deadline = time.time() + 90
    gauges = ["vllm:num_requests_running", "vllm:num_requests_waiting", "lorikeet_adapter_requests_running", "lorikeet_training_jobs_running"]
    while time.time() < deadline and any(server.gauge(name) for name in gauges):
        time.sleep(0.5)
    for name in gauges:
        expect(server.gauge(name) == 0, f"{name} is back at zero")
    expect(server.chat() == before, "the server answers as it did before")
    start = time.time()
    together = [server.post("/v1/completions", {"model": "demo", "prompt": ["a"] * 16, "max_tokens": 32, "ignore_eos": True})[0] for _ in range(2)]
    expect(together == [200, 200], f"all sixteen slots generate, twice, in {time.time() - start:.1f} s")
    after = settled(server, 30)
    print(f"resident memory: {began:.0f} MiB at the beginning, {idle:.0f} when nobody asked, {highest:.0f} at most, {after:.0f} afterwards", flush=True)
    expect(counts["answers"] > 10 * counts["refused"], f"of the clients that behave, {counts['answers']} got their answer and {counts['refused']} were told to come again")
    expect(highest - idle < 400, f"at each second memory was within 400 MiB of what the idle server took: +{highest - idle:.0f} MiB at most")
    expect(after - idle < 400, f"and afterwards: {after - idle:+.0f} MiB")
    expect(counts["broken off"] == 0, f"no answer was broken off: {counts['broken off']}")
    expect(not list((server.data / "files").glob(".*partial*")), "no upload was left half-written")
    server.stop()
    expect("broken off" not in server.log.read_text(), "no request was left over when the server stopped")
    expect("Exception" not in server.log.read_text() and "OutOfMemory" not in server.log.read_text(), "nothing unexpected in the log")
    end()


main()
