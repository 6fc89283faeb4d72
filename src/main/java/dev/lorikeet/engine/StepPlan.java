package dev.lorikeet.engine;

import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.LogitRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        // Nor may the adapters of one change how those of another are put together.
        var byAdapters = decoding.stream().filter(sequence -> sequence.request.reproducible())
                .collect(Collectors.groupingBy(sequence -> sequence.request.adapters(), LinkedHashMap::new, Collectors.toList()));
        for (var alone : byAdapters.values()) {
            for (int from = 0; from < alone.size(); from += independentRows) {
                calls.add(new StepPlan(List.of(), alone.subList(from, Math.min(alone.size(), from + independentRows)), List.of()));
            }
        }
        prefills.stream().filter(prefill -> prefill.sequence().request.reproducible())
                .forEach(prefill -> calls.add(new StepPlan(List.of(), List.of(), List.of(prefill))));
        return calls;
    }

    /// The sequences in the order of a [StepBatch].
    List<Sequence> sequences() {
        return Stream.concat(decoding.stream(), prefills.stream().map(Prefill::sequence)).toList();
    }

    boolean isReproducible() {
        return sequences().stream().anyMatch(sequence -> sequence.request.reproducible());
    }

    StepBatch toBatch(AdapterBatches adapters) {
        var mixes = sequences().stream().map(sequence -> sequence.request.adapters()).toList();
        return new StepBatch(
                decoding.stream().map(s -> new StepBatch.Decoding(s.slot(), s.cached(), s.tokens().get(s.cached()))).toList(),
                prefills.stream().map(p -> new StepBatch.Chunk(p.sequence().slot(), p.sequence().cached(),
                        p.sequence().tokens().range(p.sequence().cached(), p.sequence().cached() + p.count()), p.logitRows())).toList(),
                adapters.rows(mixes, isReproducible()));
    }
}
