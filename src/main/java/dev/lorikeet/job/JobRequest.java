package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What a client wants trained.
///
/// @param model a base model, or an adapter to go on from @param trainingFile the id of a file
/// @param owner to whom job and results belong @param options the `lorikeet` object as it came: the names of PEFT and TRL
public record JobRequest(String model, String trainingFile, Optional<String> validationFile, Optional<String> suffix, OptionalInt seed,
                         Map<String, String> metadata, JobMethod method, Hyperparameters hyperparameters, ObjectNode options,
                         Optional<String> owner) {
    public JobRequest {
        metadata = Map.copyOf(metadata);
        options = options.deepCopy();
    }

    /// Whether it takes something from the hub, or brings something there.
    public boolean namesTheHub() {
        return HubRows.isMeant(trainingFile) || validationFile.filter(HubRows::isMeant).isPresent() || options.path(RunOptions.PUSH).asBoolean(false);
    }
}
