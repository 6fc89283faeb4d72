package dev.lorikeet.chat.jinja;

/// Counts what one rendering has used against its limits.
final class Budget {
    private static final int CHARACTERS_PER_STEP = 64;

    private final RenderLimits limits;
    private long steps;
    private int depth;

    Budget(RenderLimits limits) {
        this.limits = limits;
    }

    void step() {
        steps(1);
    }

    void steps(long n) {
        steps += n;
        if (steps > limits.steps()) {
            throw new BudgetExceeded("more than " + limits.steps() + " steps");
        }
    }

    /// Enters a nested evaluation. An error ends the rendering, so only the normal way out calls `leave`.
    void enter() {
        steps(1);
        if (++depth > limits.depth()) {
            throw new BudgetExceeded("nested deeper than " + limits.depth());
        }
    }

    void leave() {
        depth--;
    }

    /// Asks for a text of this length before it is made.
    void text(long length) {
        if (length > limits.textLength()) {
            throw new BudgetExceeded("a text longer than " + limits.textLength() + " characters");
        }
        steps(length / CHARACTERS_PER_STEP);
    }

    /// Asks for a list of this many elements before it is made.
    void items(long count) {
        if (count > limits.items()) {
            throw new BudgetExceeded("a list longer than " + limits.items() + " elements");
        }
        steps(count);
    }

    /// Asks for one more element of a list that has come to this size.
    void item(int count) {
        if (count > limits.items()) {
            throw new BudgetExceeded("a list longer than " + limits.items() + " elements");
        }
        steps(1);
    }

    TextBuilder builder() {
        return new TextBuilder(limits.textLength());
    }

    Text finish(TextBuilder out) {
        text(out.length());
        return out.toText();
    }
}
