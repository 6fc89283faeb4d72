package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Something that happened in a job. @param createdAt in seconds since 1970
public record JobEvent(String id, long createdAt, Level level, Kind type, String message, ObjectNode data) {
    /// How bad it is, in OpenAI's words.
    public enum Level { INFO, WARN, ERROR }

    /// OpenAI's two types.
    public enum Kind { MESSAGE, METRICS }
}
