package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.chat.TextEvent.ScoredToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Log-probabilities as the legacy completions endpoint shows them: four lists with an element for each token.
///
/// @param tokenLogprobs null for the first token of an echoed prompt
/// @param textOffset where the token's text begins, in code points
public record CompletionLogprobs(List<String> tokens, @JsonProperty("token_logprobs") List<Float> tokenLogprobs,
                                 @JsonProperty("top_logprobs") List<Map<String, Float>> topLogprobs,
                                 @JsonProperty("text_offset") List<Integer> textOffset) {

    /// Builds the lists token by token, for a whole text or for a part of it that begins at an offset.
    static final class Builder {
        private final boolean asIds;
        private CompletionLogprobs lists = empty();
        private int offset;

        Builder(boolean asIds) {
            this.asIds = asIds;
        }

        /// The first token of a prompt: nothing precedes it, so it has no probability.
        void addFirst(int id, String text) {
            lists.tokens.add(asIds ? "token_id:" + id : text);
            lists.tokenLogprobs.add(null);
            lists.topLogprobs.add(null);
            lists.textOffset.add(offset);
            offset += text.codePointCount(0, text.length());
        }

        void add(ScoredToken token) {
            Map<String, Float> top = new LinkedHashMap<>();
            token.top().forEach(t -> top.putIfAbsent(Logprobs.name(t, asIds), Logprobs.finite(t.logprob())));
            top.putIfAbsent(Logprobs.name(token, asIds), Logprobs.finite(token.logprob()));
            lists.tokens.add(Logprobs.name(token, asIds));
            lists.tokenLogprobs.add(Logprobs.finite(token.logprob()));
            lists.topLogprobs.add(top);
            lists.textOffset.add(offset);
            offset += token.text().codePointCount(0, token.text().length());
        }

        /// The lists since the last call.
        CompletionLogprobs take() {
            CompletionLogprobs taken = lists;
            lists = empty();
            return taken;
        }

        /// An echoed prompt. @param firstId its first token
        void addPrompt(List<Optional<ScoredToken>> prompt, int firstId, String firstText) {
            prompt.forEach(token -> token.ifPresentOrElse(this::add, () -> addFirst(firstId, firstText)));
        }

        private static CompletionLogprobs empty() {
            return new CompletionLogprobs(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }
}
