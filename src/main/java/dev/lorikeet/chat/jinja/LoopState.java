package dev.lorikeet.chat.jinja;

import java.util.Iterator;
import java.util.List;

/// The `loop` variable: reads its items lazily, and looks one ahead only when asked.
final class LoopState {
    private final Budget budget;
    private final Equality equality;
    private final Object iterable;
    private final boolean sized;
    private Iterator<Object> items;
    private final Function recurse;
    private final int depth0;
    private int index0 = -1;
    private int length = -1;
    private boolean peeked;
    private Object after;
    private Object current;
    private Object before;
    private List<Object> lastChanged;

    /// `sized` says whether `iterable` has a length that `items` will come to; `recurse` is null in a plain loop.
    LoopState(Interpreter run, Object iterable, boolean sized, Iterator<Object> items, Function recurse, int depth0) {
        this.budget = run.budget;
        this.equality = run.equality;
        this.iterable = iterable;
        this.sized = sized;
        this.items = items;
        this.recurse = recurse;
        this.depth0 = depth0;
    }

    boolean hasNext() {
        return peeked || items.hasNext();
    }

    Object next() {
        Object item = peeked ? after : items.next();
        peeked = false;
        index0++;
        before = current;
        current = item;
        return item;
    }

    int index() {
        return index0 + 1;
    }

    int depth0() {
        return depth0;
    }

    int length() {
        if (length < 0 && sized) {
            length = (int) Values.length(iterable);
        } else if (length < 0) {
            List<Object> rest = Values.list(new Generator(items), budget);
            items = rest.iterator();
            length = rest.size() + index() + (peeked ? 1 : 0);
        }
        return length;
    }

    private boolean peek() {
        if (!peeked && items.hasNext()) {
            after = items.next();
            peeked = true;
        }
        return peeked;
    }

    Function recursion() {
        if (recurse == null) {
            throw PythonError.type("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recurse;
    }

    Object attribute(String name) {
        return switch (name) {
            case "index" -> (long) index();
            case "index0" -> (long) index0;
            case "revindex" -> (long) length() - index0;
            case "revindex0" -> (long) length() - index();
            case "first" -> index0 == 0;
            case "last" -> !peek();
            case "length" -> (long) length();
            case "depth" -> depth0 + 1L;
            case "depth0" -> (long) depth0;
            case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
            case "nextitem" -> peek() ? after : new Undefined("there is no next item");
            case "cycle" -> (Function) (_, arguments) -> cycle(arguments.positional());
            case "changed" -> (Function) (_, arguments) -> changed(arguments.positional());
            default -> Undefined.attribute(this, name);
        };
    }

    private Object cycle(List<Object> values) {
        if (values.isEmpty()) {
            throw PythonError.type("no items for cycling given");
        }
        return values.get(index0 % values.size());
    }

    private boolean changed(List<Object> values) {
        boolean same = lastChanged != null && equality.equal(lastChanged, values);
        lastChanged = values;
        return !same;
    }
}
