package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.chat.TextEvent.OutputToken;
import dev.lorikeet.chat.TextEvent.ScoredToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Log-probabilities as the chat endpoint and `prompt_logprobs` show them.
final class Logprobs {
    /// Stands for "very unlikely": JSON has no minus infinity.
    private static final float FLOOR = -9999;

    private Logprobs() {}

    /// `choices[].logprobs` of a chat.
    public record Chat(List<Token> content, Object refusal) {}

    public record Token(String token, float logprob, int[] bytes, @JsonProperty("top_logprobs") List<Top> topLogprobs) {}

    public record Top(String token, float logprob, int[] bytes) {}

    /// An element of `prompt_logprobs`.
    public record PromptToken(float logprob, int rank, @JsonProperty("decoded_token") String decodedToken) {}

    static float finite(float logprob) {
        return logprob >= FLOOR ? logprob : FLOOR;
    }

    static String name(ScoredToken token, boolean asId) {
        return asId ? "token_id:" + token.id() : token.text();
    }

    static Chat chat(List<OutputToken> tokens, boolean asIds) {
        return new Chat(tokens.stream().flatMap(token -> token.scores().stream()).map(token -> token(token, asIds)).toList(), null);
    }

    private static Token token(ScoredToken token, boolean asId) {
        List<Top> top = token.top().stream().map(t -> new Top(name(t, asId), finite(t.logprob()), bytes(t))).toList();
        return new Token(name(token, asId), finite(token.logprob()), bytes(token), top);
    }

    private static int[] bytes(ScoredToken token) {
        int[] bytes = new int[token.bytes().length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = Byte.toUnsignedInt(token.bytes()[i]);
        }
        return bytes;
    }

    /// `[null, {"<id>": {…}, …}, …]`: the prompt's own token first, then the likeliest ones.
    static List<Map<String, PromptToken>> prompt(List<Optional<ScoredToken>> tokens) {
        return tokens.stream().map(token -> token.map(Logprobs::alternatives).orElse(null)).toList();
    }

    private static Map<String, PromptToken> alternatives(ScoredToken token) {
        Map<String, PromptToken> byId = new LinkedHashMap<>();
        byId.put(String.valueOf(token.id()), promptToken(token));
        token.top().forEach(top -> byId.putIfAbsent(String.valueOf(top.id()), promptToken(top)));
        return byId;
    }

    private static PromptToken promptToken(ScoredToken token) {
        return new PromptToken(finite(token.logprob()), token.rank(), token.text());
    }
}
