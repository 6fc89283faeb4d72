package dev.lorikeet.api;

import dev.lorikeet.api.ChoiceEvents.ClientGone;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEvent;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.config.LorikeetConfig;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// `GET /models/sse`: changes of models as they happen, progress at most every 100 ms, until the client leaves.
final class StreamedModels implements EventStream {
    private static final long PROGRESS_NANOS = Duration.ofMillis(100).toNanos();
    private static final int EVENTS_AHEAD = 1024;

    private final ModelCatalog catalog;
    private final SseWriter out;
    private final BlockingQueue<ModelEvent> events = new LinkedBlockingQueue<>(EVENTS_AHEAD);
    private final Set<String> downloading = new HashSet<>();
    private final Map<String, Long> lastProgress = new HashMap<>();
    /// Progress that came too soon after the last that was told; if nothing follows it, it is told later.
    private final Map<String, ModelEvent> early = new LinkedHashMap<>();
    private final Thread writer = Thread.currentThread();

    StreamedModels(ModelCatalog catalog, LorikeetConfig config, RoutingContext request) {
        this.catalog = catalog;
        this.out = new SseWriter(request, config.keepAlive(), config.clientPatience(), writer::interrupt);
    }

    @Override
    public void write() {
        // A full queue drops events: the client has not read for a long time and is thrown out soon.
        try (var _ = catalog.subscribe(events::offer)) {
            out.open();
            out.ping();
            while (true) {
                long silence = out.untilKeepAlive().toNanos();
                ModelEvent event = events.poll(early.isEmpty() ? silence : Math.min(silence, PROGRESS_NANOS), TimeUnit.NANOSECONDS);
                if (event != null) {
                    tellIfDue(event);
                } else if (early.isEmpty()) {
                    out.ping();
                } else {
                    List.copyOf(early.values()).forEach(this::tellIfDue);
                }
            }
        } catch (ClientGone | InterruptedException _) {
            // The subscription is closed; there is nothing else to do.
        } catch (Exception e) {
            out.fail(new IllegalStateException(e));
        }
    }

    private void tellIfDue(ModelEvent event) {
        if (due(event)) {
            early.remove(event.model());
            messages(event).forEach(message -> out.data(Json.bytes(message)));
        } else {
            early.put(event.model(), event);
        }
    }

    /// What is to be said: a download has a beginning, progress, and an end.
    private List<ModelStatus.Event> messages(ModelEvent event) {
        if (event.state() instanceof ModelState.Downloading download && !downloading.add(event.model())) {
            return List.of(ModelStatus.progress(event.model(), download));
        }
        var messages = new ArrayList<ModelStatus.Event>();
        if (!(event.state() instanceof ModelState.Downloading) && downloading.remove(event.model())) {
            messages.add(ModelStatus.downloaded(event.model(), event.state() instanceof ModelState.Failed(String reason) ? Optional.of(reason) : Optional.empty()));
        }
        messages.add(ModelStatus.of(event));
        return messages;
    }

    /// Whether the event is to be told: states always, progress seldom.
    private boolean due(ModelEvent event) {
        if (!(event.state() instanceof ModelState.Loading) && !(event.state() instanceof ModelState.Downloading)) {
            lastProgress.remove(event.model());
            return true;
        }
        if (event.state() instanceof ModelState.Downloading && !downloading.contains(event.model())) {
            return true;
        }
        long now = System.nanoTime();
        Long last = lastProgress.get(event.model());
        if (last != null && now - last < PROGRESS_NANOS) {
            return false;
        }
        lastProgress.put(event.model(), now);
        return true;
    }
}
