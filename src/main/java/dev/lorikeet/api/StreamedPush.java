package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.api.ChoiceEvents.ClientGone;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.hub.HubException;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Progress;
import dev.lorikeet.hub.Push;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// An upload that is told of while it goes on: its progress, then what came of it and `[DONE]`. A client that leaves cancels it; the same
/// push again goes on where it stopped.
final class StreamedPush implements EventStream {
    /// What the uploading thread has to say.
    private sealed interface Report {
        record Moved(Progress progress) implements Report {}

        record Ended(Push.Pushed pushed) implements Report {}

        record Failed(RuntimeException reason) implements Report {}
    }

    /// @param etaSeconds left out until it can be told
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Moving(String object, Map<String, Progress.File> files, long done, long total, @JsonProperty("bytes_per_second") long bytesPerSecond,
                         @JsonProperty("eta_seconds") Long etaSeconds) {
        static Moving of(Progress progress) {
            return new Moving("hub.push.progress", progress.files(), progress.done(), progress.total(), Math.round(progress.bytesPerSecond()),
                    progress.remaining().map(Duration::toSeconds).orElse(null));
        }
    }

    private static final int REPORTS_AHEAD = 64;

    private final Push push;
    private final SseWriter out;
    private final BlockingQueue<Report> reports = new ArrayBlockingQueue<>(REPORTS_AHEAD);
    private final Thread uploading;
    private Report first;

    private StreamedPush(Push push, HubUpload upload, LorikeetConfig config, RoutingContext request) {
        this.push = push;
        this.out = new SseWriter(request, config.keepAlive(), config.clientPatience(), Thread.currentThread()::interrupt);
        this.uploading = Thread.ofVirtual().name("push").unstarted(() -> upload(upload));
    }

    /// Begins the upload and waits until the hub has agreed to it.
    ///
    /// @throws HubException it has not
    static StreamedPush begin(Push push, HubUpload upload, LorikeetConfig config, RoutingContext request) throws InterruptedException {
        var stream = new StreamedPush(push, upload, config, request);
        stream.uploading.start();
        try {
            stream.first = stream.reports.take();
        } catch (InterruptedException e) {
            stream.uploading.interrupt();
            throw e;
        }
        if (stream.first instanceof Report.Failed(RuntimeException reason)) {
            throw reason;
        }
        return stream;
    }

    private void upload(HubUpload upload) {
        Report last;
        try {
            // A full queue drops progress: there is always more of it.
            last = new Report.Ended(upload.push(push, progress -> reports.offer(new Report.Moved(progress))));
        } catch (RuntimeException e) {
            last = new Report.Failed(e);
        } catch (InterruptedException _) {
            // The client has gone, so nobody waits for a word.
            return;
        }
        try {
            reports.put(last);
        } catch (InterruptedException _) {
            // Likewise.
        }
    }

    @Override
    public void write() {
        try {
            out.open();
            for (Report report = first; report == null || tell(report);) {
                report = reports.poll(out.untilKeepAlive().toNanos(), TimeUnit.NANOSECONDS);
                if (report == null) {
                    out.ping();
                }
            }
            out.close();
        } catch (ClientGone | InterruptedException _) {
            // Ends the upload below.
        } catch (RuntimeException e) {
            out.fail(e);
        } finally {
            uploading.interrupt();
        }
    }

    /// @return whether there is more to come
    private boolean tell(Report report) {
        return switch (report) {
            case Report.Moved(Progress progress) -> {
                out.data(Json.bytes(Moving.of(progress)));
                yield true;
            }
            case Report.Ended(Push.Pushed pushed) -> {
                out.data(Json.bytes(HubResource.Pushed.of(push, pushed)));
                out.done();
                yield false;
            }
            case Report.Failed(HubException refusal) -> {
                out.data(Json.bytes(ErrorBody.of(ExceptionMappers.error(refusal.error()))));
                yield false;
            }
            case Report.Failed(RuntimeException bug) -> throw bug;
        };
    }
}
