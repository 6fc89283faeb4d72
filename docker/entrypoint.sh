#!/bin/sh
# Runs Lorikeet inside the image: the same commands, options and JVM flags as ./lorikeet, without the parts that build.
set -eu
cache=$HOME/lorikeet.aot
if [ "${1:-}" = warm-up ]; then
  cds=-XX:AOTCacheOutput=$cache
elif [ -f "$cache" ]; then
  cds=-XX:AOTCache=$cache
else
  cds=
fi
# shellcheck disable=SC2086
exec java --enable-native-access=ALL-UNNAMED --add-modules=jdk.incubator.vector -XX:+UseCompactObjectHeaders -XX:+UseSerialGC \
  -Xms128m -Xmx"${LORIKEET_HEAP:-1g}" -XX:MaxNewSize=64m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25 -XX:-ShrinkHeapInSteps -Xlog:disable -Xlog:all=error:stderr $cds ${LORIKEET_JAVA_OPTS:-} -jar "${LORIKEET_APP:-/app}/quarkus-run.jar" "$@"
