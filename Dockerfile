# Lorikeet with its demo model.
#   docker build -t lorikeet .                                 CPU
#   docker build -t lorikeet:cuda --build-arg FLAVOR=cuda .    NVIDIA GPU (docker run --gpus all)
ARG FLAVOR=cpu

FROM eclipse-temurin:25-jdk AS build
ARG FLAVOR
WORKDIR /src
# The wrapper unpacks a zip archive.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends curl unzip && rm -rf /var/lib/apt/lists/*
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY src/main src/main
RUN if [ "$FLAVOR" = cuda ]; then profile=-Pcuda; else profile=; fi; \
    ./mvnw -q -B $profile -DskipTests package

FROM eclipse-temurin:25-jre AS jre

FROM eclipse-temurin:25-jre AS base-cpu

# All of CUDA but cudart, by which DJL finds the GPU, comes with libtorch: the small image will do.
FROM nvidia/cuda:12.8.1-base-ubuntu24.04 AS base-cuda
ENV JAVA_HOME=/opt/java/openjdk
ENV PATH=/opt/java/openjdk/bin:$PATH
COPY --from=jre /opt/java/openjdk /opt/java/openjdk

FROM base-${FLAVOR} AS run
# curl is for the health check. The user has a number, so that Kubernetes can see that it is not root.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 lorikeet \
    && useradd --uid 10001 --gid 10001 --no-log-init --create-home --home-dir /home/lorikeet lorikeet \
    && mkdir -p /data && chown lorikeet:lorikeet /data
WORKDIR /app
COPY --from=build /src/target/quarkus-app /app
COPY models/demo /app/models/demo
COPY docker/entrypoint.sh /app/

ENV LORIKEET_HOST=0.0.0.0 \
    LORIKEET_MODEL=/app/models/demo \
    LORIKEET_DATA=/data \
    LORIKEET_HOME=/data \
    LORIKEET_HEAP=1g \
    GOMP_SPINCOUNT=10000 \
    MALLOC_ARENA_MAX=2 \
    ONEDNN_PRIMITIVE_CACHE_CAPACITY=256
USER 10001:10001
# One trial run unpacks libtorch into the user's home and lets the JDK cache loaded classes, so that starts are quick. (Without a GPU the
# CUDA build unpacks when it runs.)
ARG FLAVOR
RUN if [ "$FLAVOR" = cpu ]; then LORIKEET_DATA=/tmp/warm-up /app/entrypoint.sh warm-up; fi
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD curl -fsS "http://localhost:${LORIKEET_PORT:-8080}/q/health/ready" || exit 1
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["serve"]
