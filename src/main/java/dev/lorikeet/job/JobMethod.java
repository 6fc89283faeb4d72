package dev.lorikeet.job;

import java.util.Locale;

/// OpenAI's `method` of a job, of those that there are here.
public enum JobMethod {
    SUPERVISED, DPO;

    /// As OpenAI writes it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
