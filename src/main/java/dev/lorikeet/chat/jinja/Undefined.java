package dev.lorikeet.chat.jinja;

/// A name, attribute or element that does not exist: prints as nothing, is false and empty, and any other use fails.
record Undefined(String type, String message) {
    Undefined(String message) {
        this("UndefinedError", message);
    }

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined attribute(Object of, Object name) {
        return new Undefined("'" + Values.describe(of) + "' has no attribute '" + name + "'");
    }

    static Undefined element(Object of, String index) {
        return new Undefined(Values.describe(of) + " has no element " + index);
    }

    /// An attribute that the sandbox forbids, such as `append`: a template must not change the messages.
    static Undefined unsafe(Object of, String name) {
        return new Undefined("SecurityError",
                "access to attribute '" + name + "' of '" + Values.typeName(of) + "' object is unsafe.");
    }

    PythonError error() {
        return new PythonError(type, message);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}
