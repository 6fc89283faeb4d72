#!/usr/bin/env bash
# Fuzzing guided by coverage (Jazzer): bodies of requests, server-sent events, safetensors, chat templates.
#   src/test/faults/fuzz.sh [SECONDS for each, 300] [TARGET …]
# What is found lies in target/fuzz/TARGET as crash-…; put it under src/test/fuzz/TARGET, where the unit tests try it from then on.
set -euo pipefail
cd "$(dirname "$0")/../../.."
seconds=${1:-300}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(request events safetensors template)
declare -A classes=([request]=dev.lorikeet.api.RequestFuzz [events]=dev.lorikeet.terminal.EventLinesFuzz [safetensors]=dev.lorikeet.model.SafetensorsFuzz
  [template]=dev.lorikeet.chat.jinja.TemplateFuzz)
maven=./mvnw
command -v mvn >/dev/null && maven=mvn
"$maven" -q -B -Pfuzz test-compile dependency:build-classpath -Dmdep.outputFile=target/fuzz.classpath
for target in "${targets[@]}"; do
  mkdir -p "target/fuzz/$target/corpus"
  echo "== $target, $seconds s"
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" --enable-native-access=ALL-UNNAMED -XX:+EnableDynamicAgentLoading -Xmx1g -cp "target/classes:target/test-classes:$(cat target/fuzz.classpath)" \
    com.code_intelligence.jazzer.Jazzer --target_class="${classes[$target]}" --instrumentation_includes='dev.lorikeet.**' \
    --custom_hook_includes='dev.lorikeet.none.**' --keep_going=1 --reproducer_path="target/fuzz/$target" -artifact_prefix="target/fuzz/$target/" -max_total_time="$seconds" -timeout=120 -rss_limit_mb=3000 \
    -print_final_stats=1 "target/fuzz/$target/corpus" "src/test/fuzz/$target"
done
