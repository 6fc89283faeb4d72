"""Files in the data folder that are cut off, garbled, missing or not ours: the server sets them aside, says so, and starts.

    python3 src/test/faults/corrupt_files.py

Needs a built server (./lorikeet build). Ends with 1 if anything does not hold."""
import json
import pathlib
import random
import shutil
import tempfile
import time

from server import ROOT, Server, end, expect

ROWS = (ROOT / "examples/gemma-instructions/rows.jsonl").read_bytes()
rng = random.Random(1)
folder = pathlib.Path(tempfile.mkdtemp(prefix="lorikeet-faults-")) / "data"
server = Server(folder).ready()
files = [server.upload(ROWS)[1]["id"] for _ in range(5)]
jobs = [server.post("/v1/fine_tuning/jobs", {"model": "demo", "training_file": files[0], "lorikeet": {"r": 4, "max_steps": 2}})[1]["id"] for _ in range(6)]
for job in jobs:
    while json.loads(server.get(f"/v1/fine_tuning/jobs/{job}")[1])["status"] != "succeeded":
        time.sleep(0.2)
shutil.copytree(folder / "jobs" / jobs[0] / "output", folder / "adapters/law")
server.post("/v1/load_lora_adapter", {"lora_name": "law", "lora_path": "law"})
server.post("/v1/load_lora_adapter", {"lora_name": "med", "lora_path": "law"})
server.stop()


def garble(file):
    data = bytearray(file.read_bytes())
    for _ in range(20):
        data[rng.randrange(len(data))] = rng.randrange(256)
    file.write_bytes(bytes(data))


(folder / "files" / files[1] / "content").write_bytes(ROWS[:100])
(folder / "files" / files[2] / "file.json").write_bytes(b"\0" * 300)
(folder / "files" / files[3] / "file.json").unlink()
(folder / "files" / ".file-x.partial-1").mkdir()
(folder / "files" / "stray").write_text("what is this")
(folder / "jobs" / jobs[1] / "job.json").write_text('{"id": "')
garble(folder / "jobs" / jobs[2] / "job.json")
(folder / "jobs" / jobs[3] / "events.jsonl").write_bytes(b"\xff\0nonsense\n" + (folder / "jobs" / jobs[3] / "events.jsonl").read_bytes() + b'{"id": "half')
weights = folder / "jobs" / jobs[4] / "output/adapter_model.safetensors"
weights.write_bytes(weights.read_bytes()[:1000])
(folder / "jobs" / jobs[4] / "claim.json").write_bytes(b"\xff\xff")
(folder / "jobs" / "stray").mkdir()
name = sorted((folder / "adapters/.names").glob("*.json"))[0]
broken = json.loads(name.read_text())["name"]
name.write_text("[" * 1000)
(folder / "adapters/half").mkdir()
(folder / "adapters/half/adapter_config.json").write_text("{")
(folder / "models/half").mkdir(parents=True)
(folder / "models/half/config.json").write_text("\0")

server = Server(folder).ready()
log = server.log.read_text()
expect({one["id"] for one in json.loads(server.get("/v1/files")[1])["data"]} >= {files[0], files[4]}, "whole files are there")
for number in (1, 2, 3):
    expect(server.get(f"/v1/files/{files[number]}")[0] == 404 and (folder / "files/.quarantine" / files[number]).exists(), f"file {number} is set aside")
    expect(any(files[number] in line and "moved to" in line for line in log.splitlines()), f"file {number} is reported")
expect(not (folder / "files/.file-x.partial-1").exists(), "what was half-written is gone")
expect((folder / "jobs/.quarantine" / jobs[1]).exists() and jobs[1] in log, "a job that is cut off is set aside and reported")
listed = {one["id"] for one in json.loads(server.get("/v1/fine_tuning/jobs")[1])["data"]}
expect(listed >= {jobs[0], jobs[3], jobs[4], jobs[5]}, "the other jobs are there")
expect((jobs[2] in listed) != (folder / "jobs/.quarantine" / jobs[2]).exists(), "a garbled job is there or set aside")
events = json.loads(server.get(f"/v1/fine_tuning/jobs/{jobs[3]}/events?limit=100")[1])["data"]
expect(any("successfully completed" in event["message"] for event in events), "events are read around lines that are none")
models = {jobs[n]: json.loads(server.get(f"/v1/fine_tuning/jobs/{jobs[n]}")[1])["fine_tuned_model"] for n in (0, 3, 4, 5)}
time.sleep(3)
expect(all(not server.chat(models[jobs[n]]).startswith("4") for n in (0, 3, 5)), "whole adapters of jobs answer")
expect(server.chat(models[jobs[4]]).startswith("404") and models[jobs[4]] in server.log.read_text(), "one that is cut off does not, and is reported")
other = "med" if broken == "law" else "law"
expect(not server.chat(other).startswith("4"), f"the adapter {other}, whose name is whole, answers")
expect(server.chat(broken).startswith("404") and "left out" in server.log.read_text(), f"{broken}, whose name is garbled, is reported")
expect(server.post("/models/load", {"model": "half"})[0] == 400, "a broken model is refused by name")
expect(not server.chat().startswith("4"), "chats are answered")
server.stop()
shutil.rmtree(folder.parent)
end()
