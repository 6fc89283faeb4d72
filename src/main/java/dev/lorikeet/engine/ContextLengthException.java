package dev.lorikeet.engine;

/// The prompt, with the output asked for, is longer than the model's context.
public final class ContextLengthException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ContextLengthException(int promptTokens, int outputTokens, int maxContext) {
        super("This model's maximum context length is " + maxContext + " tokens, but the request needs " + (promptTokens + outputTokens)
                + " (" + promptTokens + " in the prompt, " + outputTokens + " for the completion). Shorten the prompt or lower max_tokens.");
    }
}
