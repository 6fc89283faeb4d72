package dev.lorikeet.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.catalog.QuantizedId;
import dev.lorikeet.model.BitsAndBytesNames;
import dev.lorikeet.model.Quantization;
import java.util.Map;
import java.util.Optional;

/// What a job is to do; fixed when it is made.
///
/// @param model as the client wrote it @param base the id of the base model @param startAdapter the adapter from which training goes on
/// @param options every option that was given, hyperparameters and seed included, under the names of PEFT and TRL
/// @param hyperparameters the numbers used @param owner to whom the job and what it makes belongs; empty: to nobody in particular
public record JobSpec(String model, String base, Optional<String> startAdapter, Data trainingFile, Optional<Data> validationFile,
                      Optional<String> suffix, int seed, Map<String, String> metadata, JobMethod method, Hyperparameters hyperparameters,
                      ObjectNode options, Optional<String> owner) {
    public JobSpec {
        // Jobs that were written before there were others have none.
        method = method == null ? JobMethod.SUPERVISED : method;
        if (model.isBlank() || base.isBlank() || seed < 0) {
            throw new IllegalArgumentException("a job needs a model and a seed ≥ 0; this one has `" + model + "` on `" + base + "` and " + seed);
        }
        metadata = Map.copyOf(metadata);
    }

    /// How the base is to be quantised, if the options say so.
    @JsonIgnore
    public Optional<Quantization> quantization() {
        return BitsAndBytesNames.read(options);
    }

    /// The id of the checkpoint that the base is made from.
    public String checkpoint() {
        return QuantizedId.parse(base).map(QuantizedId::base).orElse(base);
    }

    /// A file of rows. @param name of the copy that the job keeps
    public record Data(String id, String filename, String sha256, String name) {}
}
