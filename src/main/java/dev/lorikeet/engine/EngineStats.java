package dev.lorikeet.engine;

/// How busy an engine is. @param filledPositions positions of the KV cache in use or kept for reuse @param positions of the whole cache
public record EngineStats(int running, int waiting, long filledPositions, long positions) {}
