"""kill -9 at random moments of an upload, the load of an adapter, a training with checkpoints up to its publication, and a download. What the next
server finds must be whole: nothing half-written is ever visible.

    python3 src/test/faults/crashes.py [--rounds 8] [--seed 1]

Needs a built server (./lorikeet build). Ends with 1 if anything does not hold."""
import argparse
import hashlib
import http.server
import json
import os
import pathlib
import random
import shutil
import struct
import tempfile
import threading
import time

from server import ROOT, Server, end, expect

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=8)
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()
rng = random.Random(arguments.seed)
ROWS = (ROOT / "examples/gemma-instructions/rows.jsonl").read_bytes()
FIXTURE = "src/test/resources/fixtures/llama"


def quietly(work):
    try:
        work()
    except (OSError, ValueError, KeyError, IndexError):
        pass  # The server has just been killed.


def whole_safetensors(file):
    """Whether the file is as long as its header says."""
    data = file.read_bytes()
    if len(data) < 8:
        return False
    length = struct.unpack("<Q", data[:8])[0]
    tensors = json.loads(data[8:8 + length])
    return len(data) == 8 + length + max(t["data_offsets"][1] for name, t in tensors.items() if name != "__metadata__")


def uploads(data):
    big = ROWS * 2000
    expected = hashlib.sha256(big).hexdigest()
    for _ in range(arguments.rounds):
        server = Server(data).ready()
        thread = threading.Thread(target=quietly, args=(lambda: [server.upload(big) for _ in range(20)],))
        thread.start()
        time.sleep(rng.uniform(0.05, 1.5))
        server.kill()
        thread.join()
    server = Server(data).ready()
    files = json.loads(server.get("/v1/files")[1])["data"]
    expect(all(hashlib.sha256(server.get(f"/v1/files/{file['id']}/content")[1]).hexdigest() == expected for file in files), f"upload: all {len(files)} files that are listed are whole")
    left = [path.name for path in (server.data / "files").iterdir() if path.name.startswith(".")]
    expect(not left, f"upload: nothing half-written is left {left}")
    expect("moved to" not in server.log.read_text(), "upload: nothing had to be set aside")
    server.stop()


def adapters(data):
    for name in ("start", "end"):
        shutil.copytree(ROOT / FIXTURE / "lora" / name, data / "adapters" / name)
    loaded = False
    for number in range(arguments.rounds):
        server = Server(data, model=FIXTURE).ready()
        if loaded:
            expect(server.post("/v1/completions", {"model": "law", "prompt": "a", "max_tokens": 4})[0] == 200, f"adapter load: law answers after kill {number}")

        def swap():
            for turn in range(10000):
                server.post("/v1/load_lora_adapter", {"lora_name": "law", "lora_path": ("start", "end")[turn % 2], "load_inplace": True})

        thread = threading.Thread(target=quietly, args=(swap,))
        thread.start()
        time.sleep(rng.uniform(0.3, 2))
        server.kill()
        thread.join()
        loaded = True
    server = Server(data, model=FIXTURE).ready()
    versions = [one["version"] for one in json.loads(server.get("/v1/adapters")[1])["data"]]
    names = [json.loads(file.read_text()) for file in (data / "adapters/.names").glob("*.json")]
    expect(len(names) == 1 and names[0]["last"] == max(versions), f"adapter load: the numbers agree after {len(versions)} loads")
    expect("left out" not in server.log.read_text(), "adapter load: the file of the name is whole")
    server.stop()


def jobs(data):
    server = Server(data).ready()
    file = server.upload(ROWS)[1]["id"]
    steps = 24
    job = server.post("/v1/fine_tuning/jobs", {"model": "demo", "training_file": file, "seed": 5, "lorikeet": {
        "r": 4, "max_steps": steps, "save_strategy": "steps", "save_steps": 1, "per_device_train_batch_size": 1, "target_modules": "all-linear"}})[1]["id"]
    output = data / "jobs" / job / "output"
    kills = 0
    while True:
        deadline = time.time() + rng.uniform(1.5, 5)
        while time.time() < deadline or kills >= 3 * arguments.rounds:
            state = json.loads(server.get(f"/v1/fine_tuning/jobs/{job}")[1])
            if state["status"] in ("succeeded", "failed", "cancelled"):
                break
            time.sleep(0.1)
        status = state["status"]
        server.kill()
        kills += 1
        folders = [path for path in output.iterdir() if path.name.startswith("checkpoint-")] if output.exists() else []
        broken = [path.name for path in folders if not (whole_safetensors(path / "adapter_model.safetensors") and json.loads((path / "adapter_config.json").read_text()))]
        expect(not broken, f"checkpoint: {len(folders)} whole after kill {kills} {broken}")
        json.loads((data / "jobs" / job / "job.json").read_text())
        server = Server(data).ready()
        if status in ("succeeded", "failed", "cancelled"):
            break
    expect(status == "succeeded", f"publication: the job ends well after {kills} kills: {status}")
    model = json.loads(server.get(f"/v1/fine_tuning/jobs/{job}")[1])["fine_tuned_model"]
    deadline = time.time() + 30
    while time.time() < deadline and not json.loads(server.get(f"/v1/models/{model}")[1]).get("id"):
        time.sleep(0.2)
    expect(whole_safetensors(output / "adapter_model.safetensors"), "publication: the adapter is whole")
    expect(not server.chat(model).startswith("404"), "publication: it answers")
    listed = [one["step_number"] for one in json.loads(server.get(f"/v1/fine_tuning/jobs/{job}/checkpoints?limit=100")[1])["data"]]
    expect(sorted(listed) == list(range(1, steps + 1)), f"checkpoint: each of {steps} steps is listed once")
    lines = (data / "jobs" / job / "events.jsonl").read_text().splitlines()
    expect(all(json.loads(line) for line in lines), f"events: all {len(lines)} lines are whole")
    server.stop()


class SlowHub(http.server.BaseHTTPRequestHandler):
    """One repository with the demo model, as the Hugging Face Hub serves it, in small slow pieces."""
    files = {path.name: path.read_bytes() for path in (ROOT / "models/demo").iterdir() if path.is_file()}
    commit = "1" * 40

    def log_message(self, *_):
        pass

    def oid(self, name):
        return hashlib.sha1(b"blob %d\0" % len(self.files[name]) + self.files[name]).hexdigest()

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.startswith("/api/models/acme/tiny/tree/"):
            self.answer(json.dumps([{"type": "file", "path": name, "size": len(data), "oid": self.oid(name)} for name, data in self.files.items()]).encode())
        elif path.startswith("/api/models/acme/tiny"):
            self.answer(json.dumps({"id": "acme/tiny", "sha": self.commit, "private": False, "gated": False,
                                    "siblings": [{"rfilename": name} for name in self.files]}).encode())
        elif path.startswith("/acme/tiny/resolve/"):
            self.resolve(path.rsplit("/", 1)[1])
        else:
            self.send_error(404)

    def resolve(self, name):
        data = self.files[name]
        start, stop = 0, len(data)
        asked = self.headers.get("Range")
        if asked:
            first, last = asked.removeprefix("bytes=").split("-")
            start, stop = int(first), int(last) + 1 if last else len(data)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
        self.send_header("ETag", f'"{self.oid(name)}"')
        self.send_header("X-Repo-Commit", self.commit)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        if self.command == "GET":
            for at in range(start, stop, 1 << 17):
                self.wfile.write(data[at:min(stop, at + (1 << 17))])
                time.sleep(0.05)


def downloads(data):
    hub = http.server.ThreadingHTTPServer(("localhost", 0), SlowHub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    environment = {"HF_ENDPOINT": f"http://localhost:{hub.server_port}", "HF_HOME": str(data / "hub")}
    snapshots = data / "hub/hub/models--acme--tiny/snapshots"
    for number in range(arguments.rounds):
        server = Server(data, model=FIXTURE, env=environment).ready()
        server.post("/models/load", {"model": "acme/tiny"})
        time.sleep(rng.uniform(0.1, 2.5))
        server.kill()
        visible = [path for path in snapshots.rglob("*") if path.is_file()] if snapshots.exists() else []
        expect(all(path.read_bytes() == SlowHub.files[path.name] for path in visible), f"download: all {len(visible)} files of the snapshot are whole after kill {number + 1}")
    server = Server(data, model=FIXTURE, env=environment).ready()
    server.post("/models/load", {"model": "acme/tiny"})
    deadline = time.time() + 60
    while time.time() < deadline and server.chat("acme/tiny")[:3] in ("404", "503", "400"):
        time.sleep(0.2)
    expect(server.chat("acme/tiny")[:3] not in ("404", "503", "400"), "download: it is finished and the model answers")
    server.stop()


for scenario in (uploads, adapters, jobs, downloads):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lorikeet-faults-")) / "data"
    folder.mkdir()
    started = time.time()
    scenario(folder)
    print(f"        {scenario.__name__}: {time.time() - started:.0f} s", flush=True)
    shutil.rmtree(folder.parent)
end()
