package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Takes every job and trains none.
class Untrained implements TrainingBackend {
    @Override
    public Target target(String model, ObjectNode options) {
        return new Target(model, Optional.empty());
    }

    @Override
    public BaseState state(String base) {
        return new BaseState.Resident();
    }

    @Override
    public void bring(JobSpec spec) {
        // Every base is here.
    }

    @Override
    public void onModelChange(Consumer<String> listener) {
        // Models never change here.
    }

    @Override
    public Options options(JobMethod method, Hyperparameters asked, int seed, ObjectNode given) {
        return JobOptions.join(method, asked, seed, given);
    }

    @Override
    public DataCheck check(JobSpec spec, Function<JobSpec.Data, Path> data, boolean lenient) {
        return new DataCheck(JobJson.object(), List.of());
    }

    @Override
    public TrainingOutcome train(FineTuningJob job, JobFolder folder, RunMonitor monitor) {
        throw new AssertionError("nothing is trained here");
    }

    @Override
    public void publish(FineTuningJob job, JobFolder folder, String name, String subfolder) {
        // There is nothing to call.
    }

    @Override
    public List<Sample> answers(FineTuningJob job, String adapter) {
        return List.of();
    }

    @Override
    public Optional<String> samples(FineTuningJob job, JobFolder folder) {
        return Optional.empty();
    }

    @Override
    public void assign(String name, Optional<String> owner) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void withdraw(String name) {
        // There is nothing to call.
    }
}
