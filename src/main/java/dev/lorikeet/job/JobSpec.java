package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/// What a job is to do; fixed when it is made.
///
/// @param model as the client wrote it @param base the id of the base model @param startAdapter the adapter from which training goes on
/// @param options every option that was given, hyperparameters and seed included, under the names of PEFT and TRL
/// @param hyperparameters the numbers used
public record JobSpec(String model, String base, Optional<String> startAdapter, Data trainingFile, Optional<Data> validationFile,
                      Optional<String> suffix, int seed, Map<String, String> metadata, JobMethod method, Hyperparameters hyperparameters,
                      ObjectNode options) {
    public JobSpec {
        // Jobs that were written before there were others have none.
        method = method == null ? JobMethod.SUPERVISED : method;
        if (model.isBlank() || base.isBlank() || seed < 0) {
            throw new IllegalArgumentException("a job needs a model and a seed ≥ 0; this one has `" + model + "` on `" + base + "` and " + seed);
        }
        metadata = Map.copyOf(metadata);
    }

    /// A file of rows. @param name of the copy that the job keeps
    public record Data(String id, String filename, String sha256, String name) {}
}
