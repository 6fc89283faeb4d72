package dev.lorikeet.merge;

import java.time.Instant;

/// A merge that runs beside the server, as it is at one moment. @param created when it was asked for
public record MergeJob(String id, MergeRequest request, Instant created, State state) {
    /// Where it stands.
    public sealed interface State {
        /// Others come first.
        record Queued() implements State {}

        /// @param fraction 0…1 of the stage
        record Running(MergeProgress.Stage stage, double fraction) implements State {}

        record Succeeded(MergeReport report) implements State {}

        record Failed(String reason) implements State {}

        record Cancelled() implements State {}
    }

    /// Whether nothing will change any more.
    public boolean isEnded() {
        return switch (state) {
            case State.Queued _, State.Running _ -> false;
            case State.Succeeded _, State.Failed _, State.Cancelled _ -> true;
        };
    }

    MergeJob in(State next) {
        return new MergeJob(id, request, created, next);
    }
}
