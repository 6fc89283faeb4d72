package dev.lorikeet.chat.jinja;

/// An error of the kind Python or Jinja would raise; the interpreter adds the position.
class PythonError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String type;

    PythonError(String type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    String type() {
        return type;
    }

    static PythonError type(String message) {
        return new PythonError("TypeError", message);
    }

    static PythonError value(String message) {
        return new PythonError("ValueError", message);
    }

    static PythonError undefined(String message) {
        return new PythonError("UndefinedError", message);
    }

    static PythonError runtime(String message) {
        return new PythonError("TemplateRuntimeError", message);
    }

    static PythonError filterArgument(String message) {
        return new PythonError("FilterArgumentError", message);
    }
}
