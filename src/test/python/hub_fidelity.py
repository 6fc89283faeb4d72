"""Drives the tests' hub (FakeHub) with the real `huggingface_hub`, and shares one cache with Lorikeet in both directions.

    python3 -m venv target/venv && target/venv/bin/pip install -r src/test/python/requirements.txt
    ./lorikeet build && ./lorikeet test -DskipITs -Dtest=HubSettingsTest      # compiles FakeHub
    target/venv/bin/python src/test/python/hub_fidelity.py

What it shows: the server that the Java tests trust is one that the Python library accepts, what Java downloads is found by Python
without a network and the other way round, and what either uploads the other reads. Prints one line for each check; ends with 0 if all hold.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[3]
OWNER, STRANGER = "hf_ownerSecretOfTheTests", "hf_strangerSecretOfTheTests"


def java():
    home = os.environ.get("JAVA_HOME")
    candidates = [pathlib.Path(home, "bin/java")] if home else sorted(pathlib.Path("/usr/lib/jvm").glob("*25*/bin/java"))
    return str(next((c for c in candidates if c.exists()), "java"))


def start_hub():
    """FakeHub in a process of its own, on the class path of the tests, which Maven writes down."""
    listed = ROOT / "target/test.classpath"
    if not listed.exists():
        maven = shutil.which("mvn") or str(ROOT / "mvnw")
        subprocess.run([maven, "-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={listed}"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, JAVA_HOME=str(pathlib.Path(java()).resolve().parents[1])))
    path = os.pathsep.join([str(ROOT / "target/test-classes"), str(ROOT / "target/classes"), listed.read_text().strip()])
    hub = subprocess.Popen([java(), "-cp", path, "dev.lorikeet.hub.FakeHub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return hub, hub.stdout.readline().strip().rstrip("/")


hub, endpoint = start_hub()
work = pathlib.Path(tempfile.mkdtemp(prefix="hub-fidelity-"))
os.environ.update(HF_ENDPOINT=endpoint, HF_HOME=str(work / "home"), HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1",
                  HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
for name in ("HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HUGGING_FACE_HUB_TOKEN"):
    os.environ.pop(name, None)

import huggingface_hub as hf  # noqa: E402  (reads the environment when it is imported)
from huggingface_hub import errors  # noqa: E402

failed = []


def check(rule, holds):
    print(("ok      " if holds else "FAILED  ") + rule, flush=True)
    if not holds:
        failed.append(rule)


def raises(kind, call):
    try:
        call()
    except kind:
        return True
    except Exception as e:  # the wrong kind: show which
        print("        instead:", type(e).__name__, str(e).splitlines()[0])
    return False


def digest(folder):
    files = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            files[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def lorikeet(*arguments, cache, token=OWNER, **more):
    env = dict(os.environ, HF_HUB_CACHE=str(cache), HF_TOKEN=token, **more)
    done = subprocess.run([str(ROOT / "lorikeet"), *map(str, arguments)], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        print("       ", done.stderr.strip()[-400:])
    return done


def the_server_is_faithful():
    api = hf.HfApi(endpoint=endpoint, token=OWNER)
    check("whoami", api.whoami()["name"] == "acme")
    info = api.model_info("acme/sharded", files_metadata=True)
    check("model_info with sizes", any(s.rfilename == "config.json" and s.size for s in info.siblings))
    check("list_repo_tree follows the pages", len([f for f in api.list_repo_tree("acme/sharded", recursive=True) if isinstance(f, hf.RepoFile)]) == 12)
    check("get_paths_info leaves out what is missing", [f.path for f in api.get_paths_info("acme/sharded", ["config.json", "nothing"])] == ["config.json"])
    check("auth_check", api.auth_check("acme/private") is None)
    anonymous = hf.HfApi(endpoint=endpoint, token=False)
    check("a gated repository", raises(errors.GatedRepoError, lambda: hf.hf_hub_download("acme/gated", "config.json", token=False)))
    check("a gated repository, a token without access",
          raises(errors.GatedRepoError, lambda: hf.hf_hub_download("acme/gated", "config.json", token=STRANGER)))
    check("a private repository", raises(errors.RepositoryNotFoundError, lambda: anonymous.model_info("acme/private")))
    check("a missing repository", raises(errors.RepositoryNotFoundError, lambda: api.model_info("acme/nothing")))
    check("a missing revision", raises(errors.RevisionNotFoundError, lambda: hf.hf_hub_download("acme/sharded", "config.json", revision="v9", token=OWNER)))
    check("a missing file", raises(errors.EntryNotFoundError, lambda: hf.hf_hub_download("acme/sharded", "nothing", token=OWNER)))
    check("a wrong token", raises(errors.HfHubHTTPError, lambda: hf.HfApi(endpoint=endpoint, token="hf_wrong").whoami()))
    meta = hf.get_hf_file_metadata(hf.hf_hub_url("acme/sharded", "model-00001-of-00002.safetensors"), token=OWNER)
    check("metadata of an LFS file: hash, size, another host", len(meta.etag) == 64 and meta.size == 300001 and "127.0.0.1" in meta.location)
    renamed = hf.hf_hub_download("acme/old-name", "adapter_config.json", token=OWNER)
    check("a renamed repository", pathlib.Path(renamed).read_text() == '{"peft_type": "LORA"}\n')
    odd = hf.snapshot_download("acme/names", token=OWNER)
    check("blanks, Hangul, #, % and an empty file in names", set(digest(odd)) == {"config.json", "sub folder/파일 #1.json", "empty.txt", "100%.json"})


def java_then_python(cache):
    done = lorikeet("pull", "acme/sharded", cache=cache)
    check("lorikeet pull acme/sharded", done.returncode == 0)
    check("the token is in no output", OWNER not in done.stdout + done.stderr)
    wanted = ["*.safetensors", "*.json"]
    ignored = ["original/*"]
    folder = hf.snapshot_download("acme/sharded", cache_dir=cache, local_files_only=True, allow_patterns=wanted, ignore_patterns=ignored)
    check("Python finds Java's snapshot offline", len(digest(folder)) == 7)
    check("Python sees that the rest is missing",
          raises(errors.IncompleteSnapshotError, lambda: hf.snapshot_download("acme/sharded", cache_dir=cache, local_files_only=True)))
    check("try_to_load_from_cache", str(hf.try_to_load_from_cache("acme/sharded", "config.json", cache_dir=cache)).startswith(folder))
    scan = hf.scan_cache_dir(cache)
    check("scan_cache_dir has no warnings and counts one repository", not scan.warnings and [r.repo_id for r in scan.repos] == ["acme/sharded"])
    before = digest(folder)
    whole = hf.snapshot_download("acme/sharded", cache_dir=cache, token=OWNER)
    check("Python completes the same snapshot", whole == folder and len(digest(whole)) == 12 and before.items() <= digest(whole).items())
    done = lorikeet("pull", "datasets/acme/qa", "train", cache=cache)
    check("lorikeet pull of a data set's split", done.returncode == 0 and isinstance(
        hf.try_to_load_from_cache("acme/qa", "train.jsonl", repo_type="dataset", cache_dir=cache), str))


def python_then_java(cache):
    folder = hf.snapshot_download("acme/sharded", cache_dir=cache, token=OWNER)
    done = lorikeet("pull", "acme/sharded", cache=cache, HF_HUB_OFFLINE="1")
    check("Java finds Python's snapshot offline", done.returncode == 0 and folder in done.stdout)
    file = hf.hf_hub_download("acme/adapter", "adapter_config.json", cache_dir=cache, token=OWNER)
    done = lorikeet("pull", "acme/adapter", cache=cache, HF_HUB_OFFLINE="1")
    check("Java refuses Python's half snapshot offline", done.returncode != 0 and "adapter_model.safetensors" in done.stderr)
    done = lorikeet("pull", "acme/adapter", cache=cache)
    check("Java completes it", done.returncode == 0 and {"adapter_config.json", "adapter_model.safetensors"} <= set(digest(pathlib.Path(file).parent)))
    pinned = hf.snapshot_download("acme/sharded", revision="refs/pr/1", cache_dir=cache, token=OWNER)
    done = lorikeet("pull", "acme/sharded@main", cache=cache, token="hf_wrong")
    check("Java serves the cache when the hub refuses", done.returncode == 0 and pinned != folder)


def uploads(cache):
    source = work / "adapter"
    source.mkdir()
    (source / "adapter_config.json").write_text('{"peft_type": "LORA", "base_model_name_or_path": "acme/sharded"}\n')
    (source / "adapter_model.safetensors").write_bytes(os.urandom(2_500_000))
    done = lorikeet("push", source, "acme/from-java", cache=cache)
    check("lorikeet push, in several parts", done.returncode == 0)
    got = digest(hf.snapshot_download("acme/from-java", token=OWNER, cache_dir=work / "read"))
    check("Python reads what Java pushed", digest(source).items() <= got.items())
    card = hf.ModelCard.load("acme/from-java", token=OWNER)
    check("Python parses the card: base model, library, tags", card.data.base_model == "acme/sharded" and card.data.library_name == "peft"
          and "lora" in card.data.tags)
    again = lorikeet("push", source, "acme/from-java", cache=cache)
    check("pushing the same again makes no commit", again.returncode == 0 and len(got) == len(digest(source)) + 1)

    api = hf.HfApi(endpoint=endpoint, token=OWNER)
    api.create_repo("acme/from-python", private=True)
    api.upload_folder(repo_id="acme/from-python", folder_path=source)
    done = lorikeet("pull", "acme/from-python", cache=work / "pulled")
    check("Java reads what Python uploaded to this server", done.returncode == 0
          and digest(source).items() <= digest(pathlib.Path(done.stdout.strip().splitlines()[-1])).items())
    api.create_commit("acme/from-python", [hf.CommitOperationDelete("adapter_config.json")], commit_message="Remove")
    check("Python deletes a file in a commit", "adapter_config.json" not in api.list_repo_files("acme/from-python"))


try:
    print(f"huggingface_hub {hf.__version__}, Python {sys.version.split()[0]}, hub at {endpoint}")
    warnings.simplefilter("ignore")
    parts = sys.argv[1:] or ["server", "java", "python", "upload"]
    if "server" in parts:
        the_server_is_faithful()
    if "java" in parts:
        java_then_python(work / "java")
    if "python" in parts:
        python_then_java(work / "python")
    if "upload" in parts:
        uploads(work / "upload")
finally:
    hub.stdin.close()
    hub.wait(20)
    shutil.rmtree(work, ignore_errors=True)
print(f"{len(failed)} failed" if failed else "all hold")
sys.exit(bool(failed))
