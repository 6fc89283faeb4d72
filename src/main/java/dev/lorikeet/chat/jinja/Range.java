package dev.lorikeet.chat.jinja;

import java.util.AbstractList;

/// What `range` makes: numbers that are not stored.
final class Range extends AbstractList<Object> {
    private static final long MAX = 100_000;

    final long start;
    final long stop;
    final long step;
    private final int size;

    Range(long start, long stop, long step) {
        if (step == 0) {
            throw PythonError.value("range() arg 3 must not be zero");
        }
        double exact = Math.ceil(((double) stop - start) / step);
        if (exact > MAX) {
            throw new PythonError("OverflowError",
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + MAX + ").");
        }
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.size = (int) Math.max(0, exact);
    }

    @Override
    public Object get(int index) {
        return start + index * step;
    }

    @Override
    public int size() {
        return size;
    }
}
