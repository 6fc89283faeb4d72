package dev.lorikeet.chat;

/// The chat template refused the conversation (`raise_exception`), or could not render it.
public final class TemplateRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TemplateRefusal(String message) {
        super(message);
    }
}
