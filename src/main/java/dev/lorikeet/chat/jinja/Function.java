package dev.lorikeet.chat.jinja;

/// A value that can be called: a macro, a method bound to its object, or a global function.
@FunctionalInterface
interface Function {
    Object call(Interpreter run, Arguments arguments);
}
