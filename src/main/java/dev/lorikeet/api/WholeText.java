package dev.lorikeet.api;

import dev.lorikeet.api.ChoiceEvents.ChoiceEvent;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.chat.TextEvent.OutputToken;
import dev.lorikeet.chat.TextEvent.ScoredToken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The texts of a request that is answered in one piece.
record WholeText(List<Choice> choices, Usage usage) {
    private static final Duration LONG = Duration.ofSeconds(10);

    /// @param promptScores one per prompt token, if asked for
    record Choice(String text, List<OutputToken> tokens, List<Optional<ScoredToken>> promptScores, TextEvent.End end) {
        /// Mean log-probability, which `best_of` compares.
        double likelihood() {
            return tokens.stream().flatMap(token -> token.scores().stream()).mapToDouble(ScoredToken::logprob).average()
                    .orElse(Double.NEGATIVE_INFINITY);
        }
    }

    /// Reads until every choice has ended. @throws ApiException when one of them fails
    static WholeText read(RunningText running) {
        List<Draft> drafts = IntStream.range(0, running.choices()).mapToObj(_ -> new Draft()).toList();
        UsageTally tally = new UsageTally(running);
        int open = running.choices();
        while (open > 0) {
            Optional<ChoiceEvent> next = running.events().next(LONG);
            if (next.isPresent()) {
                Draft draft = drafts.get(next.get().choice());
                switch (Answer.checked(next.get().event())) {
                    case TextEvent.PromptScores(var tokens) -> draft.promptScores = tokens;
                    case TextEvent.Delta delta -> draft.add(delta);
                    case TextEvent.End end -> {
                        draft.end = Optional.of(end);
                        tally.end(next.get().choice(), end.usage());
                        open--;
                    }
                    case TextEvent.Failure failure -> throw new ApiException(Answer.failure(failure));
                }
            }
        }
        return new WholeText(drafts.stream().map(Draft::finish).toList(), tally.usage());
    }

    private static final class Draft {
        private final StringBuilder text = new StringBuilder();
        private final List<OutputToken> tokens = new ArrayList<>();
        private List<Optional<ScoredToken>> promptScores = List.of();
        private Optional<TextEvent.End> end = Optional.empty();

        void add(TextEvent.Delta delta) {
            text.append(delta.text());
            tokens.addAll(delta.tokens());
        }

        Choice finish() {
            return new Choice(text.toString(), tokens, promptScores, end.orElseThrow());
        }
    }
}
