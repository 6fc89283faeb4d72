package dev.lorikeet.engine;

import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.LogitRows;
import java.util.ArrayList;
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

    /// The plan as calls of the model, one after the other, once the copies are made. What a sequence computes in a call with others differs in its last bits, as
    /// kernels differ with the number of rows; a sequence that must be reproducible therefore gets calls of its own.
    ///
    /// @param independentRows decoding sequences that one call may take without one changing the bits of another
    List<StepPlan> calls(int independentRows) {
        var together = new StepPlan(List.of(), decoding.stream().filter(sequence -> !sequence.request.reproducible()).toList(),
                prefills.stream().filter(prefill -> !prefill.sequence().request.reproducible()).toList());
        var calls = new ArrayList<StepPlan>();
        if (!together.isEmpty()) {
            calls.add(together);
        }
        var alone = decoding.stream().filter(sequence -> sequence.request.reproducible()).toList();
        for (int from = 0; from < alone.size(); from += independentRows) {
            calls.add(new StepPlan(List.of(), alone.subList(from, Math.min(alone.size(), from + independentRows)), List.of()));
        }
        prefills.stream().filter(prefill -> prefill.sequence().request.reproducible())
                .forEach(prefill -> calls.add(new StepPlan(List.of(), List.of(), List.of(prefill))));
        return calls;
    }

    StepBatch toBatch() {
        return new StepBatch(
                decoding.stream().map(s -> new StepBatch.Decoding(s.slot(), s.cached(), s.tokens().get(s.cached()))).toList(),
                prefills.stream().map(p -> new StepBatch.Chunk(p.sequence().slot(), p.sequence().cached(),
                        p.sequence().tokens().range(p.sequence().cached(), p.sequence().cached() + p.count()), p.logitRows())).toList());
    }
}
