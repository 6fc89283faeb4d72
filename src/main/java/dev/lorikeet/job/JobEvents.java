package dev.lorikeet.job;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/// The events of a job for those who read them, numbered from 0 in the order in which they happened.
public final class JobEvents {
    /// The end of a job may come between a look and the wait for more.
    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

    private final EventLog log;
    private final BooleanSupplier over;

    JobEvents(EventLog log, BooleanSupplier over) {
        this.log = log;
        this.over = over;
    }

    public int size() {
        return log.size();
    }

    /// The number of the event with this id.
    public OptionalInt find(String id) {
        return log.find(id);
    }

    public List<JobEvent> read(int from, int to) {
        return log.read(from, to);
    }

    /// Whether the job has ended. Its last events were written before that; hence ask this first and [#size()] then.
    public boolean isOver() {
        return over.getAsBoolean();
    }

    /// Waits until there are more than `known` events or the job has ended, but no longer than `patience`; may return early.
    public void await(int known, Duration patience) throws InterruptedException {
        log.await(known, patience.compareTo(LONGEST_WAIT) < 0 ? patience : LONGEST_WAIT);
    }
}
