package dev.lorikeet.job;

import java.util.Map;

/// A state of the adapter that was kept while the job ran, and can be called by its name.
///
/// @param model its name in requests @param folder its folder's name in the job's output @param metrics of that step, by OpenAI's names
public record JobCheckpoint(String id, long createdAt, int step, String model, String folder, Map<String, Double> metrics) {
    public JobCheckpoint {
        if (step < 1) {
            throw new IllegalArgumentException("a checkpoint is of step 1 or later, not of step " + step);
        }
        metrics = Map.copyOf(metrics);
    }
}
