"""`./lorikeet serve` as a process for the fault tests. Standard library only."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Server:
    def __init__(self, data, *options, model="models/demo", wrapper=(), env=None):
        self.data = pathlib.Path(data)
        self.data.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.log = self.data.with_name(self.data.name + f".{self.port}.log")
        command = [*wrapper, str(ROOT / "lorikeet"), "serve", "--model", str(ROOT / model), "--port", str(self.port), "--data", str(self.data), *options]
        self.process = subprocess.Popen(command, stdout=open(self.log, "w"), stderr=subprocess.STDOUT, cwd=ROOT,
                                        env={**os.environ, "LORIKEET_BUILD": "never", **(env or {})})

    def ready(self, seconds=600):
        end = time.time() + seconds
        while time.time() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode}:\n{self.log.read_text()}")
            try:
                if self.get("/q/health/ready")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"the server is not ready:\n{self.log.read_text()}")

    def request(self, method, path, body=None, headers=None, timeout=600):
        connection = http.client.HTTPConnection("localhost", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path, timeout=600):
        return self.request("GET", path, timeout=timeout)

    def post(self, path, value, timeout=600):
        status, body = self.request("POST", path, json.dumps(value).encode(), {"Content-Type": "application/json"}, timeout)
        try:
            return status, json.loads(body)
        except ValueError:
            return status, body.decode(errors="replace")

    def chat(self, model="demo", tokens=8):
        status, answer = self.post("/v1/chat/completions", {"model": model, "temperature": 0, "max_tokens": tokens,
                                                            "messages": [{"role": "user", "content": "안녕"}]})
        return answer["choices"][0]["message"]["content"] if status == 200 else f"{status}: {answer}"

    def upload(self, rows, name="rows.jsonl"):
        edge = "----fault"
        body = (f'--{edge}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--{edge}\r\n'
                f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n').encode() + rows + f"\r\n--{edge}--\r\n".encode()
        status, answer = self.request("POST", "/v1/files", body, {"Content-Type": f"multipart/form-data; boundary={edge}"})
        return status, json.loads(answer)

    def metrics(self):
        values = {}
        for line in self.get("/metrics")[1].decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def gauge(self, name):
        return sum(value for key, value in self.metrics().items() if key.split("{")[0] == name)

    def pid(self):
        """Of the Java process: the launcher becomes it, a wrapper has it as its child."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        return int(children[0]) if children else self.process.pid

    def resident(self):
        """In MiB."""
        for line in open(f"/proc/{self.pid()}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.pid(), signal.SIGTERM)
            self.process.wait(60)


def expect(condition, what):
    print(("ok      " if condition else "FAILED  ") + what, flush=True)
    if not condition:
        expect.failed = True


expect.failed = False


def end():
    raise SystemExit(1 if expect.failed else 0)
