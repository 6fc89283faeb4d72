package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What a client wants trained.
///
/// @param model a base model, or an adapter to go on from @param trainingFile the id of a file
/// @param options the `lorikeet` object as it came: the names of PEFT and TRL
public record JobRequest(String model, String trainingFile, Optional<String> validationFile, Optional<String> suffix, OptionalInt seed,
                         Map<String, String> metadata, JobMethod method, Hyperparameters hyperparameters, ObjectNode options) {
    public JobRequest {
        metadata = Map.copyOf(metadata);
        options = options.deepCopy();
    }
}
