package dev.lorikeet.api;

import dev.lorikeet.api.ChoiceEvents.ClientGone;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.job.JobEvents;
import io.vertx.ext.web.RoutingContext;

/// The events of a job as server-sent events, the oldest first and then as they happen, until the job has ended: `[DONE]`.
final class StreamedJobEvents implements EventStream {
    private static final int AT_ONCE = 256;

    private final JobEvents events;
    private final int from;
    private final SseWriter out;

    /// @param from the number of the first event that is wanted
    StreamedJobEvents(JobEvents events, int from, LorikeetConfig config, RoutingContext request) {
        this.events = events;
        this.from = from;
        this.out = new SseWriter(request, config.keepAlive(), config.clientPatience(), Thread.currentThread()::interrupt);
    }

    @Override
    public void write() {
        try {
            out.open();
            out.ping();
            int next = from;
            while (true) {
                boolean over = events.isOver();
                int size = events.size();
                while (next < size) {
                    int to = Math.min(size, next + AT_ONCE);
                    events.read(next, to).forEach(event -> out.data(Json.bytes(JobObject.Event.of(event))));
                    next = to;
                }
                if (over) {
                    break;
                }
                events.await(next, out.untilKeepAlive());
                if (out.untilKeepAlive().toNanos() <= 1) {
                    out.ping();
                }
            }
            out.done();
            out.close();
        } catch (ClientGone | InterruptedException _) {
            // Nobody listens any more.
        } catch (RuntimeException e) {
            out.fail(e);
        }
    }
}
