package dev.lorikeet.engine;

import dev.lorikeet.tensor.Logits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Log-probabilities for the sequences that asked for them: of output tokens in one call for a whole step, of prompts chunk by chunk.
final class Scoring {
    private final Map<Sequence, List<TokenLogprobs>> prompts = new HashMap<>();

    /// A token drawn from one row of the step's logits.
    record Drawn(Sequence sequence, int row, int token) {}

    /// One element for each drawn token, empty where log-probabilities are not wanted.
    static List<Optional<TokenLogprobs>> score(List<Drawn> drawn, Logits logits) {
        var wanted = drawn.stream().filter(d -> d.sequence().request.topLogprobs().isPresent()).toList();
        if (wanted.isEmpty()) {
            return drawn.stream().map(_ -> Optional.<TokenLogprobs>empty()).toList();
        }
        int top = wanted.stream().mapToInt(d -> d.sequence().request.topLogprobs().getAsInt()).max().getAsInt();
        var scores = logits.score(wanted.stream().mapToLong(Drawn::row).toArray(), wanted.stream().mapToLong(Drawn::token).toArray(), Math.max(1, top));
        var results = new ArrayList<Optional<TokenLogprobs>>();
        int index = 0;
        for (var d : drawn) {
            var count = d.sequence().request.topLogprobs();
            results.add(count.isEmpty() ? Optional.empty() : Optional.of(entry(scores, index++, Math.max(1, top), d.token(), count.getAsInt())));
        }
        return results;
    }

    /// Scores the prompt tokens that follow those of the chunk. @param firstRow the row of the chunk's first token
    void addPrompt(StepPlan.Prefill prefill, Logits logits, int firstRow) {
        var sequence = prefill.sequence();
        int from = sequence.cached();
        int count = Math.min(prefill.count(), sequence.promptLength() - 1 - from);
        if (count == 0) {
            return;
        }
        var rows = new long[count];
        var next = new long[count];
        for (int i = 0; i < count; i++) {
            rows[i] = firstRow + i;
            next[i] = sequence.tokens().get(from + i + 1);
        }
        int top = sequence.request.promptLogprobs().orElse(0);
        var scores = logits.score(rows, next, Math.max(1, top));
        var list = prompts.computeIfAbsent(sequence, _ -> new ArrayList<>());
        for (int i = 0; i < count; i++) {
            list.add(entry(scores, i, Math.max(1, top), (int) next[i], top));
        }
    }

    /// The whole prompt's scores once it is computed, or empty if they are not wanted.
    Optional<List<TokenLogprobs>> takePrompt(Sequence sequence) {
        return sequence.request.promptLogprobs().isEmpty() ? Optional.empty()
                : Optional.of(Optional.ofNullable(prompts.remove(sequence)).orElse(List.of()));
    }

    void forget(Sequence sequence) {
        prompts.remove(sequence);
    }

    private static TokenLogprobs entry(Logits.Scores scores, int index, int stride, int token, int top) {
        var best = new ArrayList<TokenLogprobs.Entry>();
        for (int i = 0; i < top; i++) {
            best.add(new TokenLogprobs.Entry((int) scores.bestIds()[index * stride + i], scores.best()[index * stride + i], i + 1));
        }
        return new TokenLogprobs(new TokenLogprobs.Entry(token, scores.own()[index], (int) scores.rank()[index]), best);
    }
}
