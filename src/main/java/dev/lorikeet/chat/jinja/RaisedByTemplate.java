package dev.lorikeet.chat.jinja;

/// The template called `raise_exception`: it refuses this conversation, and the message is its own.
public final class RaisedByTemplate extends TemplateException {
    private static final long serialVersionUID = 1;

    public RaisedByTemplate(String message, int line, int column) {
        super(message, line, column);
    }
}
