package dev.lorikeet.chat.jinja;

import java.util.List;

/// A statement of a template. `at` is its offset in the source.
sealed interface Statement {
    int at();

    record Data(Text text, int at) implements Statement {}

    record Print(Expr value, int at) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int at) implements Statement {}

    record Branch(Expr test, List<Statement> body) {}

    record For(Target target, Expr items, Expr filter, boolean recursive, List<Statement> body,
            List<Statement> otherwise, int at) implements Statement {}

    record Set(Target target, Expr value, int at) implements Statement {}

    /// `{% set x %}…{% endset %}`; `value` is the captured text, filtered.
    record SetBlock(Target target, Expr value, List<Statement> body, int at) implements Statement {}

    record With(List<Target> targets, List<Expr> values, List<Statement> body, int at) implements Statement {}

    record DefineMacro(String name, Signature signature, List<Statement> body, int at) implements Statement {}

    record CallBlock(Expr.Call call, Signature signature, List<Statement> body, int at) implements Statement {}

    record FilterBlock(Expr value, List<Statement> body, int at) implements Statement {}

    record Generation(List<Statement> body, int at) implements Statement {}

    record Scoped(List<Statement> body, int at) implements Statement {}

    record Break(int at) implements Statement {}

    record Continue(int at) implements Statement {}

    /// What an assignment writes to.
    sealed interface Target {
        record Variable(String name) implements Target {}

        record NamespaceAttribute(String namespace, String attribute, int at) implements Target {}

        record Unpack(List<Target> targets) implements Target {}
    }

    /// Parameters of a macro; `defaults` are those of the last ones.
    ///
    /// The flags say which of the implicit names `caller`, `varargs` and `kwargs` the body reads.
    record Signature(List<String> names, List<Expr> defaults, boolean caller, boolean varargs, boolean kwargs) {}
}
