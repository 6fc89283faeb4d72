package dev.lorikeet.engine;

import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.LogitRows;
import java.util.List;

/// What the next step does. Made by the [Scheduler] without touching a tensor.
///
/// @param copies prefixes to copy between slots before the step
/// @param decoding sequences that get one token each, in ascending order of slots
record StepPlan(List<Copy> copies, List<Sequence> decoding, List<Prefill> prefills) {
    StepPlan {
        copies = List.copyOf(copies);
        decoding = List.copyOf(decoding);
        prefills = List.copyOf(prefills);
    }

    record Copy(int source, int target, int length) {}

    /// The next `count` prompt tokens of a sequence.
    record Prefill(Sequence sequence, int count) {
        boolean finishesPrompt() {
            return sequence.cached() + count == sequence.promptLength();
        }

        LogitRows logitRows() {
            return sequence.request.promptLogprobs().isPresent() ? LogitRows.ALL : finishesPrompt() ? LogitRows.LAST : LogitRows.NONE;
        }
    }

    boolean isEmpty() {
        return decoding.isEmpty() && prefills.isEmpty();
    }

    StepBatch toBatch() {
        return new StepBatch(
                decoding.stream().map(s -> new StepBatch.Decoding(s.slot(), s.cached(), s.tokens().get(s.cached()))).toList(),
                prefills.stream().map(p -> new StepBatch.Chunk(p.sequence().slot(), p.sequence().cached(),
                        p.sequence().tokens().range(p.sequence().cached(), p.sequence().cached() + p.count()), p.logitRows())).toList());
    }
}
