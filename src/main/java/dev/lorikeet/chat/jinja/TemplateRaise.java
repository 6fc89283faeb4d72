package dev.lorikeet.chat.jinja;

/// `raise_exception` was called. Carries no position yet.
final class TemplateRaise extends PythonError {
    private static final long serialVersionUID = 1;

    TemplateRaise(String message) {
        super("TemplateError", message);
    }
}
