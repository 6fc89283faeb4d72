package dev.lorikeet.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Where a job stands, in OpenAI's words.
public enum JobStatus {
    VALIDATING_FILES, QUEUED, RUNNING, PAUSED, SUCCEEDED, FAILED, CANCELLED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether the job is over: nothing can change it any more.
    public boolean isFinal() {
        return switch (this) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case VALIDATING_FILES, QUEUED, RUNNING, PAUSED -> false;
        };
    }

    static Optional<JobStatus> ofWord(String word) {
        return Arrays.stream(values()).filter(status -> status.word().equals(word)).findFirst();
    }
}
