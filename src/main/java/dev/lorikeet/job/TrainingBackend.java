package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// What jobs need of models, data and trainer.
public interface TrainingBackend {
    /// What the `model` of a request stands for.
    ///
    /// @param base the id of the model that is trained on: where the options ask for it, the quantised one
    /// @param adapter the folder of the adapter from which training goes on
    record Target(String base, Optional<Path> adapter) {}

    /// @param options as [#options] has worked them out
    /// @throws dev.lorikeet.catalog.CatalogException there is no such model, or it is not resident and the options do not ask to quantise it
    /// @throws JobException.Invalid the model is quantised already, and otherwise
    Target target(String model, ObjectNode options);

    /// How the base of a job stands.
    sealed interface BaseState {
        /// A job could run on it now.
        record Resident() implements BaseState {}

        /// @param progress 0…1
        record Coming(double progress) implements BaseState {}

        record Away() implements BaseState {}

        record Failed(String reason) implements BaseState {}
    }

    BaseState state(String base);

    /// Whether a job on this base could run now.
    default boolean isResident(String base) {
        return state(base) instanceof BaseState.Resident;
    }

    /// Starts to load the base of a job whose options say how it is to be quantised, unless it is there or on its way. The base of
    /// any other job is loaded by hand.
    ///
    /// @throws dev.lorikeet.catalog.CatalogException it is not there, or there is no room for it
    void bring(JobSpec spec);

    /// Calls `listener` after each change of the models, on any thread. It must not block.
    void onModelChange(Consumer<String> listener);

    /// Works out the options of a job: hyperparameters and seed under their PEFT and TRL names, everything validated.
    ///
    /// @throws JobException.Invalid an option that is unknown, unsupported or out of range, by its name
    Options options(JobMethod method, Hyperparameters asked, int seed, ObjectNode given);

    /// @param options all that is given @param hyperparameters the numbers used, none of them open
    record Options(ObjectNode options, Hyperparameters hyperparameters) {}

    /// Reads the rows as training would.
    ///
    /// @param rows where the files lie @param lenient whether bad rows are only reported
    /// @throws BadRowsException rows are bad and not to be skipped, or a file cannot be read at all
    DataCheck check(JobSpec spec, Function<JobSpec.Data, Path> rows, boolean lenient);

    /// Trains, or goes on where the newest checkpoint in the output folder was. On the trainer thread only; blocks. What it returns is in
    /// the output folder.
    ///
    /// @throws RunFailure it cannot be done, and why
    TrainingOutcome train(FineTuningJob job, JobFolder folder, RunMonitor monitor);

    /// Makes an adapter of the job callable under a name. @param subfolder of the output folder, empty for the finished adapter itself
    void publish(FineTuningJob job, JobFolder folder, String name, String subfolder);

    /// Lets a published adapter belong to somebody else. @param owner empty: to everyone
    void assign(String name, Optional<String> owner);

    /// Takes a name back, since its files are gone.
    void withdraw(String name);

    /// An answer of the base and one of an adapter to the same prompt.
    record Sample(String prompt, String base, String adapter) {}

    /// Has the base and an adapter of the job answer its `sample_prompts`, if it has any. @param adapter a name under which it is callable
    List<Sample> answers(FineTuningJob job, String adapter);

    /// Has base and adapter answer held-out prompts, if the job asks for that: lines of JSON.
    Optional<String> samples(FineTuningJob job, JobFolder folder);
}
