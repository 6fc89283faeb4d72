package dev.lorikeet.engine;

/// The prompt, with the output asked for, is longer than the model's context.
public final class ContextLengthException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private ContextLengthException(String message) {
        super(message);
    }

    /// Of a text that is not even encoded. @param most characters that a text may have
    public static ContextLengthException ofText(int characters, int most, int maxContext) {
        return new ContextLengthException("This model's maximum context length is " + maxContext + " tokens, and a text may have " + most
                + " characters at most; this one has " + characters + ". Shorten it.");
    }

    public ContextLengthException(int promptTokens, int outputTokens, int maxContext) {
        super("This model's maximum context length is " + maxContext + " tokens, but the request needs " + (promptTokens + outputTokens)
                + " (" + promptTokens + " in the prompt, " + outputTokens + " for the completion). Shorten the prompt or lower max_tokens.");
    }
}
