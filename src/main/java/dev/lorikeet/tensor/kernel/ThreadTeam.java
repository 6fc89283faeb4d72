package dev.lorikeet.tensor.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Splits a kernel's work among some threads. The caller works too and waits only for parts that another thread has begun, so a
/// helper that the operating system has put aside costs nothing but its help.
final class ThreadTeam {
    /// Within a decode step the next kernel comes after some ten microseconds: waking a parked thread would take longer.
    private static final int SPINS_BEFORE_PARKING = 20_000;

    private final Thread[] helpers;
    private volatile Job current = new Job((_, _) -> { }, 0, false);

    /// One part of the work. Must not throw.
    @FunctionalInterface
    interface Part {
        /// @param worker which of the team's threads this is, from 0
        void run(int index, int worker);
    }

    private static final class Job {
        final Part part;
        final int parts;
        /// Whether the team's next job comes soon.
        final boolean followed;
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger done = new AtomicInteger();

        Job(Part part, int parts, boolean followed) {
            this.part = part;
            this.parts = parts;
            this.followed = followed;
        }

        void work(int worker) {
            for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
                part.run(i, worker);
                done.incrementAndGet();
            }
        }

        boolean isTaken() {
            return next.get() >= parts;
        }
    }

    /// @param threads that work together, the caller included
    ThreadTeam(int threads) {
        helpers = new Thread[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            int worker = i + 1;
            helpers[i] = Thread.ofPlatform().name("kernel-" + worker).daemon().start(() -> help(worker));
        }
    }

    int size() {
        return helpers.length + 1;
    }

    /// Runs all parts; returns when all are done. Called by one thread at a time.
    void run(int parts, Part part) {
        run(new Job(part, parts, true), () -> { });
    }

    /// @param first what the caller does before its own parts, while the helpers already work. Must not throw.
    void run(int parts, Part part, Runnable first) {
        run(new Job(part, parts, true), first);
    }

    /// The same before work of libtorch's: helpers that waited awake for more would take the cores from its threads.
    void runBeforeOthers(int parts, Part part) {
        run(new Job(part, parts, false), () -> { });
    }

    private void run(Job job, Runnable first) {
        if (job.parts > 1) {
            current = job;
            for (var helper : helpers) {
                LockSupport.unpark(helper);
            }
        }
        first.run();
        job.work(0);
        while (job.done.get() < job.parts) {
            Thread.onSpinWait();
        }
    }

    private void help(int worker) {
        int spins = 0;
        while (true) {
            var job = current;
            if (!job.isTaken()) {
                job.work(worker);
                spins = 0;
            } else if (job.followed && ++spins < SPINS_BEFORE_PARKING) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
                spins = 0;
            }
        }
    }
}
