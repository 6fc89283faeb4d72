package dev.lorikeet.engine;

import dev.lorikeet.tensor.Torch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/// The engine thread: the only one that runs inference, for all models in turn, one step each.
public final class InferenceLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(InferenceLoop.class);

    private final List<Engine> engines = new CopyOnWriteArrayList<>();
    private final Thread thread = Thread.ofPlatform().name("engine").unstarted(this::run);
    private volatile boolean stopped;
    private boolean ended;
    private final AtomicInteger open = new AtomicInteger();
    private volatile Thread patient;
    private volatile long lastTurn = System.nanoTime();

    public InferenceLoop() {
        thread.start();
    }

    /// An engine that comes after the end, such as that of a model which was still loading, is ended at once.
    void add(Engine engine) {
        synchronized (engines) {
            if (ended) {
                engine.abort();
            } else {
                engines.add(engine);
            }
        }
        wake();
    }

    void remove(Engine engine) {
        engines.remove(engine);
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /// A sequence has been submitted. Any thread.
    void began() {
        open.incrementAndGet();
    }

    /// Sequences have ended. Takes no lock: the engine thread waits for nobody.
    void ended(int sequences) {
        if (open.addAndGet(-sequences) == 0) {
            LockSupport.unpark(patient);
        }
    }

    /// Whether any sequence is waiting or being generated. Costs next to nothing.
    public boolean isBusy() {
        return open.get() > 0;
    }

    /// Waits until no sequence is waiting or being generated, but no longer than `longest`. For one thread: the trainer.
    public void awaitIdle(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        patient = Thread.currentThread();
        try {
            for (long left = longest.toNanos(); isBusy() && left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            patient = null;
        }
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    /// Nanoseconds since the engine thread last began a turn: it hangs if this grows large while requests run.
    public long nanosSinceTurn() {
        return System.nanoTime() - lastTurn;
    }

    private void run() {
        Torch.enterThread(false);
        while (!stopped) {
            lastTurn = System.nanoTime();
            boolean worked = false;
            for (var engine : engines) {
                worked |= turn(engine);
            }
            if (!worked) {
                // Time limits of waiting requests are checked at least this often.
                LockSupport.parkNanos(100_000_000);
            }
        }
        synchronized (engines) {
            ended = true;
            engines.forEach(Engine::abort);
        }
    }

    private static boolean turn(Engine engine) {
        try {
            return engine.step();
        } catch (RuntimeException | VirtualMachineError e) {
            LOG.error("a bug in the engine; it goes on with the next step", e);
            return false;
        }
    }

    /// Stops after the current step; streams that are open end with a failure. Waits for that.
    @Override
    public void close() {
        stopped = true;
        wake();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
