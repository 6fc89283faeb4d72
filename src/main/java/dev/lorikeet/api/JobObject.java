package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.job.FineTuningJob;
import dev.lorikeet.job.Hyperparameters;
import dev.lorikeet.job.JobCheckpoint;
import dev.lorikeet.job.JobEvent;
import dev.lorikeet.job.JobSpec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/// OpenAI's fine-tuning job. All keys are always there. @param lorikeet the options under the names of PEFT and TRL, an extension
public record JobObject(String object, String id, @JsonProperty("created_at") long createdAt, @JsonProperty("finished_at") Long finishedAt, String model,
                        @JsonProperty("fine_tuned_model") String fineTunedModel, @JsonProperty("organization_id") String organizationId, String status,
                        @JsonProperty("training_file") String trainingFile, @JsonProperty("validation_file") String validationFile,
                        @JsonProperty("result_files") List<String> resultFiles, @JsonProperty("trained_tokens") Long trainedTokens, int seed,
                        Numbers hyperparameters, Method method, Error error, @JsonProperty("estimated_finish") Long estimatedFinish,
                        @JsonProperty("user_provided_suffix") String suffix, List<Object> integrations, Map<String, String> metadata,
                        ObjectNode lorikeet) {
    /// Numbers, or `auto` where one is not known yet. @param beta of the method `dpo` alone
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Numbers(@JsonProperty("n_epochs") Object epochs, @JsonProperty("batch_size") Object batchSize,
                          @JsonProperty("learning_rate_multiplier") Object learningRateMultiplier, Object beta) {
        static Numbers of(Hyperparameters numbers) {
            return new Numbers(value(numbers, "n_epochs"), value(numbers, "batch_size"), value(numbers, "learning_rate_multiplier"),
                    numbers.number("beta").orElse(null));
        }

        private static Object value(Hyperparameters numbers, String name) {
            return numbers.number(name).<Object>map(number -> number).orElse("auto");
        }
    }

    /// The method, and its numbers under its name.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Method(String type, Settings supervised, Settings dpo) {
        static Method of(JobSpec spec) {
            var settings = new Settings(Numbers.of(spec.hyperparameters()));
            return switch (spec.method()) {
                case SUPERVISED -> new Method(spec.method().word(), settings, null);
                case DPO -> new Method(spec.method().word(), null, settings);
            };
        }
    }

    public record Settings(Numbers hyperparameters) {}

    public record Error(String code, String message, String param) {}

    /// @param firstId, lastId of checkpoints only
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(String object, List<?> data, @JsonProperty("first_id") String firstId, @JsonProperty("last_id") String lastId,
                       @JsonProperty("has_more") boolean hasMore) {}

    public record Event(String object, String id, @JsonProperty("created_at") long createdAt, String level, String type, String message,
                        ObjectNode data) {
        static Event of(JobEvent event) {
            return new Event("fine_tuning.job.event", event.id(), event.createdAt(), event.level().name().toLowerCase(Locale.ROOT),
                    event.type().name().toLowerCase(Locale.ROOT), event.message(), event.data());
        }
    }

    public record Checkpoint(String object, String id, @JsonProperty("created_at") long createdAt,
                             @JsonProperty("fine_tuned_model_checkpoint") String model, @JsonProperty("fine_tuning_job_id") String job,
                             @JsonProperty("step_number") int step, Map<String, Object> metrics) {
        static Checkpoint of(String job, JobCheckpoint checkpoint) {
            var metrics = new java.util.LinkedHashMap<String, Object>();
            metrics.put("step", checkpoint.step());
            metrics.putAll(new java.util.TreeMap<>(checkpoint.metrics()));
            return new Checkpoint("fine_tuning.job.checkpoint", checkpoint.id(), checkpoint.createdAt(), checkpoint.model(), job, checkpoint.step(), metrics);
        }
    }

    static JobObject of(FineTuningJob job) {
        JobSpec spec = job.spec();
        return new JobObject("fine_tuning.job", job.id(), job.createdAt(), orNull(job.finishedAt()), spec.model(), job.fineTunedModel().orElse(null), "",
                job.status().word(), spec.trainingFile().id(), spec.validationFile().map(JobSpec.Data::id).orElse(null), job.resultFiles(),
                orNull(job.trainedTokens()), spec.seed(), Numbers.of(spec.hyperparameters()), Method.of(spec),
                job.error().map(error -> new Error(error.code(), error.message(), error.param().orElse(null))).orElse(null),
                orNull(job.estimatedFinish()), spec.suffix().orElse(null), List.of(), spec.metadata(), spec.options());
    }

    private static Long orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}
