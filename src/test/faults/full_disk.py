"""A data folder on a disk that fills up: everything that writes is refused by name, what was there stays, and answers go on.

    sudo python3 src/test/faults/full_disk.py

Needs a built server and the right to mount a small tmpfs (root). Ends with 1 if anything does not hold."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

from server import ROOT, Server, end, expect

ROWS = (ROOT / "examples/gemma-instructions/rows.jsonl").read_bytes()


def fill(folder):
    """Takes the last byte."""
    with open(folder / "filler", "ab", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            pass


folder = pathlib.Path(tempfile.mkdtemp(prefix="lorikeet-faults-")) / "data"
folder.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=True)
try:
    server = Server(folder).ready()
    before = server.chat()
    file = server.upload(ROWS)[1]["id"]
    job = server.post("/v1/fine_tuning/jobs", {"model": "demo", "training_file": file, "lorikeet": {
        "r": 8, "max_steps": 2000, "save_strategy": "steps", "save_steps": 2, "per_device_train_batch_size": 1}})[1]["id"]
    while not json.loads(server.get(f"/v1/fine_tuning/jobs/{job}/checkpoints")[1])["data"]:
        time.sleep(0.2)
    fill(folder)
    deadline = time.time() + 120
    status = "running"
    while time.time() < deadline and status == "running":
        answer = json.loads(server.get(f"/v1/fine_tuning/jobs/{job}")[1])
        status = answer["status"]
        time.sleep(0.5)
    expect(status == "failed" and answer["error"]["code"] == "storage_error", f"the job fails and says why: {(answer.get('error') or {}).get('message')}")
    status, body = server.upload(ROWS * 200)
    expect(status >= 500 and "error" in body, f"an upload is refused: {status} {body.get('error', {}).get('message')}")
    expect(server.chat() == before, "chats go on as before")
    expect(server.get("/q/health/live")[0] == 200 and server.get("/q/health/ready")[0] == 200, "live and ready")
    status, body = server.post("/v1/fine_tuning/jobs", {"model": "demo", "training_file": file})
    expect(status >= 500, f"a job is refused: {status} {body.get('error', {}).get('message') if isinstance(body, dict) else body}")
    checkpoints = json.loads(server.get(f"/v1/fine_tuning/jobs/{job}/checkpoints")[1])["data"]
    expect(not server.chat(checkpoints[-1]["fine_tuned_model_checkpoint"]).startswith("4"), f"the checkpoint of step {checkpoints[-1]['step_number']} still answers")
    hidden = [str(path.relative_to(folder)) for path in folder.rglob(".*partial*")]
    expect(not hidden, f"nothing half-written is left {hidden}")
    (folder / "filler").unlink()
    expect(server.upload(ROWS)[0] == 200, "with room again, an upload is taken")
    again = server.post("/v1/fine_tuning/jobs", {"model": checkpoints[-1]["fine_tuned_model_checkpoint"], "training_file": file, "lorikeet": {"max_steps": 1}})[1]["id"]
    deadline = time.time() + 120
    while time.time() < deadline and json.loads(server.get(f"/v1/fine_tuning/jobs/{again}")[1])["status"] not in ("succeeded", "failed"):
        time.sleep(0.5)
    expect(json.loads(server.get(f"/v1/fine_tuning/jobs/{again}")[1])["status"] == "succeeded", "and a job goes on from the checkpoint that was kept")
    fill(folder)
    server.kill()
    server = Server(folder).ready()
    expect(server.chat() == before, "a server starts on a full disk, and answers")
    server.stop()
finally:
    subprocess.run(["umount", "-l", str(folder)])
    shutil.rmtree(folder.parent, ignore_errors=True)
end()
