package dev.lorikeet.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/// Python's slices, with their negative and out-of-range bounds.
final class Slices {
    /// Bounds within the sequence.
    record Bounds(int start, int stop, int step) {}

    private Slices() {}

    static Bounds bounds(int length, Object start, Object stop, Object step) {
        int by = step == null ? 1 : Numbers.index(step);
        if (by == 0) {
            throw PythonError.value("slice step cannot be zero");
        }
        by = Math.max(by, -Integer.MAX_VALUE);
        int low = by > 0 ? 0 : -1;
        int high = by > 0 ? length : length - 1;
        int from = start == null ? (by > 0 ? low : high) : place(Numbers.index(start), length, low, high);
        int to = stop == null ? (by > 0 ? high : low) : place(Numbers.index(stop), length, low, high);
        return new Bounds(from, to, by);
    }

    private static int place(int index, int length, int low, int high) {
        return Math.clamp(index < 0 ? (long) index + length : index, low, Math.max(low, high));
    }

    static Object slice(Interpreter run, Object value, Object start, Object stop, Object step) {
        return switch (value) {
            case Text text -> slice(run, text, bounds(text.length(), start, stop, step));
            case Range range -> slice(range, bounds(range.size(), start, stop, step));
            case List<?> list -> slice(run, list, bounds(list.size(), start, stop, step));
            case Tuple tuple -> new Tuple(slice(run, tuple.items(), bounds(tuple.items().size(), start, stop, step)));
            case Undefined undefined -> throw undefined.error();
            case Dict _ -> throw PythonError.type("unhashable type: 'slice'");
            case null, default -> throw PythonError.type(
                    "'" + Values.typeName(value) + "' object is not subscriptable");
        };
    }

    private static Text slice(Interpreter run, Text text, Bounds bounds) {
        run.budget.text(text.string.length());
        if (bounds.step() == 1) {
            return bounds.stop() <= bounds.start() ? Text.EMPTY
                    : text.substring(text.offset(bounds.start()), text.offset(bounds.stop()));
        }
        TextBuilder out = run.budget.builder();
        int[] offsets = text.offsets();
        run.budget.steps(offsets.length / 64);
        for (long i = bounds.start(); bounds.step() > 0 ? i < bounds.stop() : i > bounds.stop(); i += bounds.step()) {
            run.budget.step();
            int from = offsets[(int) i];
            out.append(text, from, from + Character.charCount(text.string.codePointAt(from)));
        }
        return run.budget.finish(out);
    }

    private static Range slice(Range range, Bounds bounds) {
        return new Range(range.start + bounds.start() * range.step, range.start + bounds.stop() * range.step,
                range.step * bounds.step());
    }

    private static List<Object> slice(Interpreter run, List<?> list, Bounds bounds) {
        List<Object> slice = new ArrayList<>();
        for (long i = bounds.start(); bounds.step() > 0 ? i < bounds.stop() : i > bounds.stop(); i += bounds.step()) {
            slice.add(list.get((int) i));
            run.budget.item(slice.size());
        }
        return slice;
    }
}
