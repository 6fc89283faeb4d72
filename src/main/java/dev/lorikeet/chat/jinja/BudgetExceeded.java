package dev.lorikeet.chat.jinja;

/// A limit was passed. Carries no position yet.
final class BudgetExceeded extends PythonError {
    private static final long serialVersionUID = 1;

    BudgetExceeded(String what) {
        super("LimitExceeded", "the template needs " + what);
    }
}
