#!/usr/bin/env bash
# Compares Lorikeet with transformers' server on one checkpoint, in turn, round after round: the speed of a shared machine drifts, and what
# is measured within the same minutes can still be compared. Only one server runs at a time.
#
# QUANTIZATION loads the base in fewer bits in Lorikeet; transformers computes it in bfloat16 all the same.
#
#   ROUNDS=3 REPEAT=3 WARM_UP=15 OUTPUT=64 CLIENTS="1 4 8 16" THREADS=<cores> MODEL=models/llama-135m QUANTIZATION=int4 PYTHON=.venv/bin/python LORIKEET=../../lorikeet PORT=18200
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-$here/.venv/bin/python}
model=$(realpath -m "${MODEL:-$here/models/llama-135m}")
lorikeet=${LORIKEET:-$here/../../lorikeet}
threads=${THREADS:-$(nproc)}
port=${PORT:-18200}
read -ra clients <<<"${CLIENTS:-1 4 8 16}"
results="$here/../results/peers.jsonl"
logs=$(mktemp -d)
server=

[ -x "$python" ] || { echo "Run $here/setup.sh first." >&2; exit 1; }
[ -f "$model/config.json" ] || "$python" "$here/make_model.py" "$model"

"$lorikeet" build

start_lorikeet() {
  env ${QUANTIZATION:+"LORIKEET_QUANTIZATION=$QUANTIZATION"} LORIKEET_PORT=$port LORIKEET_THREADS=$threads LORIKEET_MODEL=$model LORIKEET_DATA=$logs/data "$lorikeet" serve >>"$logs/lorikeet.log" 2>&1 &
  server=$!
  name=$(basename "$model")
}

# Continuous batching with settings that let 16 sequences of these sizes run together.
start_transformers() {
  OMP_NUM_THREADS=$threads TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1 "$python" -m transformers.cli.transformers serve "$model" \
    --device cpu --dtype bfloat16 --host 127.0.0.1 --port "$port" \
    --continuous-batching --cb-block-size 32 --cb-num-blocks 96 --cb-max-batch-tokens 512 >>"$logs/transformers.log" 2>&1 &
  server=$!
  name=$model
}

stop() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || true
  for _ in $(seq 100); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap stop EXIT

measure() {
  "start_$1"
  "$python" "$here/openai_client.py" --url "http://127.0.0.1:$port" --model "$name" --folder "$model" --peer "$1" --pid "$server" \
    --repeat "${REPEAT:-3}" --output "${OUTPUT:-64}" --warm-up "${WARM_UP:-15}" --clients "${clients[@]}" >"$logs/line" || { echo "$1 failed:" >&2; tail -n 20 "$logs/$1.log" >&2; exit 1; }
  stop
  "$python" -c 'import json, sys; print(json.dumps(json.load(sys.stdin) | {"round": int(sys.argv[1]), "machine": sys.argv[2], "run": sys.argv[3], "quantization": sys.argv[4]}))' \
    "$2" "$machine" "$run" "${QUANTIZATION:-none}" <"$logs/line" | tee -a "$logs/all.jsonl" >>"$results"
  echo "round $2, $1: done" >&2
}

machine="$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) cores"
run=$(date -u +%Y-%m-%dT%H:%M:%SZ)
mkdir -p "$(dirname "$results")"
for round in $(seq "${ROUNDS:-3}"); do
  measure lorikeet "$round"
  measure transformers "$round"
done
echo "$machine, $threads threads, $(basename "$model")"
"$python" "$here/report.py" <"$logs/all.jsonl"
