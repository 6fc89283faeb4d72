package dev.lorikeet.chat.jinja;

/// A template could not be compiled or rendered; says what happened and where.
public class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;

    public TemplateException(String message, int line, int column) {
        super(message);
        this.line = line;
        this.column = column;
    }

    /// The line of the template, from 1.
    public int line() {
        return line;
    }

    /// The column of the template, from 1.
    public int column() {
        return column;
    }
}
