package dev.lorikeet.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A job as it stands: what `job.json` holds. Times are seconds since 1970.
///
/// @param number jobs are numbered in the order in which they came @param publicModels which of the adapters it has made are for everyone
public record FineTuningJob(String id, long number, long createdAt, JobSpec spec, JobStatus status, OptionalLong finishedAt,
                            OptionalLong estimatedFinish, Optional<String> fineTunedModel, OptionalLong trainedTokens, Optional<JobError> error,
                            List<String> resultFiles, List<JobCheckpoint> checkpoints, List<String> publicModels) {
    public static final String PREFIX = "ftjob-";
    private static final int SHORT_ID = 8;

    public FineTuningJob {
        if (!id.startsWith(PREFIX) || id.length() < PREFIX.length() + SHORT_ID) {
            throw new IllegalArgumentException("`" + id + "` is not the id of a job: it must begin with " + PREFIX);
        }
        resultFiles = List.copyOf(resultFiles);
        checkpoints = List.copyOf(checkpoints);
        // Jobs written before there were keys have none.
        publicModels = publicModels == null ? List.of() : List.copyOf(publicModels);
    }

    static FineTuningJob created(String id, long number, long createdAt, JobSpec spec) {
        return new FineTuningJob(id, number, createdAt, spec, JobStatus.VALIDATING_FILES, OptionalLong.empty(), OptionalLong.empty(), Optional.empty(),
                OptionalLong.empty(), Optional.empty(), List.of(), List.of(), List.of());
    }

    FineTuningJob with(JobStatus next) {
        return new FineTuningJob(id, number, createdAt, spec, next, finishedAt, OptionalLong.empty(), fineTunedModel, trainedTokens, error, resultFiles,
                checkpoints, publicModels);
    }

    FineTuningJob cancelled(long now) {
        return new FineTuningJob(id, number, createdAt, spec, JobStatus.CANCELLED, OptionalLong.of(now), OptionalLong.empty(), fineTunedModel,
                trainedTokens, error, resultFiles, checkpoints, publicModels);
    }

    FineTuningJob failed(long now, JobError why) {
        return new FineTuningJob(id, number, createdAt, spec, JobStatus.FAILED, OptionalLong.of(now), OptionalLong.empty(), fineTunedModel,
                trainedTokens, Optional.of(why), resultFiles, checkpoints, publicModels);
    }

    FineTuningJob succeeded(long now, long tokens, List<String> results) {
        return new FineTuningJob(id, number, createdAt, spec, JobStatus.SUCCEEDED, OptionalLong.of(now), OptionalLong.empty(), Optional.of(modelName()),
                OptionalLong.of(tokens), error, results, checkpoints, publicModels);
    }

    FineTuningJob estimated(long end) {
        return new FineTuningJob(id, number, createdAt, spec, status, finishedAt, OptionalLong.of(end), fineTunedModel, trainedTokens, error, resultFiles,
                checkpoints, publicModels);
    }

    /// With one more checkpoint; one of the same step is replaced, since a job that goes on after a kill comes by it again.
    FineTuningJob with(JobCheckpoint checkpoint) {
        var all = new ArrayList<>(checkpoints);
        all.removeIf(old -> old.step() == checkpoint.step());
        all.add(checkpoint);
        return withCheckpoints(all);
    }

    FineTuningJob withCheckpoints(List<JobCheckpoint> kept) {
        return new FineTuningJob(id, number, createdAt, spec, status, finishedAt, estimatedFinish, fineTunedModel, trainedTokens, error, resultFiles, kept, publicModels);
    }

    /// With an adapter for everyone, or for the owner alone.
    FineTuningJob withPublic(String model, boolean everyone) {
        var models = new ArrayList<>(publicModels);
        models.remove(model);
        if (everyone) {
            models.add(model);
        }
        return new FineTuningJob(id, number, createdAt, spec, status, finishedAt, estimatedFinish, fineTunedModel, trainedTokens, error, resultFiles, checkpoints, models);
    }

    /// To whom an adapter of this job belongs; empty: to everyone.
    public Optional<String> ownerOf(String model) {
        return publicModels.contains(model) ? Optional.empty() : spec.owner();
    }

    /// Whether this job has made, or will make, the adapter of that name.
    boolean makes(String model) {
        return modelName().equals(model) || checkpoints.stream().anyMatch(checkpoint -> checkpoint.model().equals(model));
    }

    /// The name under which the finished adapter is called.
    @JsonIgnore
    public String modelName() {
        return "ft:" + spec.base() + "::" + spec.suffix().orElse("") + ":" + id.substring(PREFIX.length(), PREFIX.length() + SHORT_ID);
    }

    /// The name under which a checkpoint is called.
    public String checkpointName(int step) {
        return id + ":ckpt-step-" + step;
    }
}
