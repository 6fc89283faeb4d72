package dev.lorikeet.api;

import dev.lorikeet.api.ChoiceEvents.ClientGone;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Writes server-sent events exactly as OpenAI does: `data: {json}`, a blank line, no names and no ids. Blocks while the client
/// does not read; used by one (virtual) thread.
final class SseWriter {
    static final MediaType MEDIA_TYPE = MediaType.SERVER_SENT_EVENTS_TYPE.withCharset("utf-8");

    private static final int MAX_UNDER_WAY = 16 * 1024;
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final HttpServerResponse response;
    private final RequestEnd end;
    private final Duration keepAlive;
    private final Duration patience;
    private final Runnable onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile boolean waiting;
    private long lastWrite = System.nanoTime();

    /// @param patience how long a client may leave its buffers full @param onClose called at once when the client goes away
    SseWriter(RoutingContext request, Duration keepAlive, Duration patience, Runnable onClose) {
        this.response = request.response();
        this.end = RequestEnd.of(request);
        this.keepAlive = keepAlive;
        this.patience = patience;
        this.onClose = onClose;
    }

    void open() {
        end.ifGone(() -> {
            signal();
            onClose.run();
        });
        response.setChunked(true).putHeader("Cache-Control", "no-cache").putHeader("X-Accel-Buffering", "no");
    }

    /// How long the stream may stay silent from now on.
    Duration untilKeepAlive() {
        return Duration.ofNanos(Math.max(1, keepAlive.toNanos() - (System.nanoTime() - lastWrite)));
    }

    void data(byte[] json) {
        write(Buffer.buffer(DATA.length + json.length + END.length).appendBytes(DATA).appendBytes(json).appendBytes(END));
    }

    void done() {
        data(DONE);
    }

    /// A comment, which clients skip.
    void ping() {
        write(Buffer.buffer(PING));
    }

    /// Ends a stream that a bug has broken: an error event, and no `[DONE]`.
    void fail(RuntimeException bug) {
        UnexpectedErrors.log(bug, response.headers().get(EdgeFilter.REQUEST_ID));
        try {
            data(Json.bytes(ErrorBody.of(UnexpectedErrors.INTERNAL)));
            close();
        } catch (ClientGone _) {
            // It is in the log; there is nobody else to tell.
        }
    }

    void close() {
        if (!response.closed() && !response.ended()) {
            response.end();
        }
    }

    /// Vert.x' own measure of a full queue does not count what other threads have handed to the event loop, so a fast writer
    /// would fill the heap: the bytes that no socket has taken yet are counted here.
    private void write(Buffer buffer) {
        if (response.closed() || underWay.get() > MAX_UNDER_WAY && !awaitRoom()) {
            throw new ClientGone();
        }
        int length = buffer.length();
        underWay.addAndGet(length);
        response.write(buffer).onComplete(_ -> {
            if (underWay.addAndGet(-length) <= MAX_UNDER_WAY && waiting) {
                signal();
            }
        });
        lastWrite = System.nanoTime();
    }

    /// Whether there is room for more; false when the client has gone, or has read nothing for too long and is thrown out.
    private boolean awaitRoom() {
        lock.lock();
        try {
            waiting = true;
            long left = patience.toNanos();
            while (!response.closed() && underWay.get() > MAX_UNDER_WAY) {
                if (left <= 0) {
                    response.reset();
                    end.isThrownOut();
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return !response.closed();
        } catch (InterruptedException _) {
            return false;
        } finally {
            waiting = false;
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
