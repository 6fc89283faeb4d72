package dev.lorikeet.api;

import java.util.Optional;
import java.util.OptionalInt;

/// What a request wants back, and how.
///
/// @param promptLogprobs alternatives to report for each prompt token
/// @param tokensAsIds write tokens of log-probabilities as `token_id:1234`
/// @param truncatePrompt keep the last so many prompt tokens; −1 keeps as many as the context holds
/// @param includeUsage a usage chunk ends the stream @param continuousUsage every chunk carries the usage so far
record OutputFields(int n, boolean stream, boolean includeUsage, boolean continuousUsage, OptionalInt promptLogprobs, boolean returnTokenIds,
                    boolean tokensAsIds, OptionalInt truncatePrompt, Optional<String> cacheSalt) {
    private static final int MAX_CHOICES = 128;
    private static final int MAX_PROMPT_LOGPROBS = 20;

    static OutputFields read(Fields fields) {
        boolean stream = fields.flag("stream", false);
        Optional<Fields> streaming = fields.object("stream_options");
        if (streaming.isPresent() && !stream) {
            throw ApiException.invalid(fields.path("stream_options"), "'stream_options' is only allowed when 'stream' is true.");
        }
        boolean usage = streaming.map(f -> f.flag("include_usage", false)).orElse(false);
        boolean continuous = streaming.map(f -> f.flag("continuous_usage_stats", false)).orElse(false);
        streaming.ifPresent(f -> f.flag("include_obfuscation", false));
        streaming.ifPresent(FieldPolicy::finish);
        OptionalInt promptLogprobs = fields.integer("prompt_logprobs", 0, MAX_PROMPT_LOGPROBS);
        if (stream && promptLogprobs.isPresent()) {
            throw ApiException.invalid(fields.path("prompt_logprobs"), "unsupported_value",
                    "'prompt_logprobs' is not available when 'stream' is true.");
        }
        return new OutputFields(fields.integer("n", 1, MAX_CHOICES).orElse(1), stream, usage, usage && continuous, promptLogprobs,
                fields.flag("return_token_ids", false), fields.flag("return_tokens_as_token_ids", false), truncation(fields), salt(fields));
    }

    private static OptionalInt truncation(Fields fields) {
        OptionalInt tokens = fields.integer("truncate_prompt_tokens", -1, Integer.MAX_VALUE);
        if (tokens.isPresent() && tokens.getAsInt() == 0) {
            throw ApiException.invalid(fields.path("truncate_prompt_tokens"), "'truncate_prompt_tokens' must be −1 or at least 1.");
        }
        return tokens;
    }

    private static Optional<String> salt(Fields fields) {
        Optional<String> salt = fields.text("cache_salt");
        if (salt.filter(String::isEmpty).isPresent()) {
            throw ApiException.invalid(fields.path("cache_salt"), "'cache_salt' must not be empty.");
        }
        return salt;
    }
}
