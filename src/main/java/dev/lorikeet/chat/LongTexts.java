package dev.lorikeet.chat;

import dev.lorikeet.engine.ContextLengthException;
import dev.lorikeet.engine.QueueFullException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// Bounds what it takes to encode the texts of requests. The library needs some 300 bytes of memory for each character, and of a core up to a second for
/// 100,000; its native call keeps a carrier of virtual threads all the while. So a text has a longest length, and long ones are encoded one after the
/// other, on a thread of the operating system. Safe for use by many threads.
final class LongTexts {
    private static final int LONG = 1 << 15;
    /// However small the context: whoever has his prompt truncated, or counts its tokens, sends more than fits.
    private static final int LEAST_LIMIT = 1 << 18;
    /// However large: beyond that one text alone takes more than a gigabyte.
    private static final int MOST_LIMIT = 1 << 22;
    private static final int MOST_WAITING = 8;
    /// One for all models, and for good: what the C library frees it keeps for the thread's next text, so that further threads would multiply it.
    private static final Executor THREAD = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), LongTexts::thread);

    private final IntSupplier maxContext;
    private final int longestToken;

    /// @param longestToken characters that one token stands for at most
    LongTexts(IntSupplier maxContext, int longestToken) {
        this.maxContext = maxContext;
        this.longestToken = longestToken;
    }

    /// @throws ContextLengthException the text is longer than any may be
    /// @throws QueueFullException as many long texts wait as may
    int[] encode(String text, Supplier<int[]> encoding) {
        if (text.length() <= LONG) {
            return encoding.get();
        }
        int limit = Math.clamp((long) maxContext.getAsInt() * longestToken, LEAST_LIMIT, MOST_LIMIT);
        if (text.length() > limit) {
            throw ContextLengthException.ofText(text.length(), limit, maxContext.getAsInt());
        }
        var task = new FutureTask<>(encoding::get);
        try {
            THREAD.execute(task);
        } catch (RejectedExecutionException _) {
            throw QueueFullException.ofLongTexts(MOST_WAITING);
        }
        return result(task);
    }

    private static Thread thread(Runnable work) {
        return Thread.ofPlatform().daemon().name("long-texts").unstarted(work);
    }

    private static int[] result(FutureTask<int[]> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException reason ? reason : new IllegalStateException(e.getCause());
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("the thread of the request was interrupted");
    }
}
