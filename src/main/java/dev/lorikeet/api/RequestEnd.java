package dev.lorikeet.api;

import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;

/// The end of a request, which comes once: with its whole answer, or when the client leaves before. Whoever has something to do then leaves it here;
/// Vert.x keeps one handler of each kind for a response, and the one that is set last silences the others. Safe for use by many threads.
final class RequestEnd {
    private enum State { OPEN, ANSWERED, GONE }

    private static final String KEY = RequestEnd.class.getName();

    private final List<Runnable> always = new ArrayList<>();
    private final List<Runnable> ifGone = new ArrayList<>();
    private State state = State.OPEN;

    /// Begins to listen, before anybody else does.
    static RequestEnd listen(RoutingContext context) {
        var end = new RequestEnd();
        context.put(KEY, end);
        context.addEndHandler(result -> end.come(result.succeeded() ? State.ANSWERED : State.GONE));
        return end;
    }

    static RequestEnd of(RoutingContext context) {
        return context.get(KEY);
    }

    /// @param action runs at the end; now, if that has come
    void always(Runnable action) {
        if (!keep(always, action)) {
            action.run();
        }
    }

    /// @param action runs if the client leaves before it has its answer; now, if it has left
    void ifGone(Runnable action) {
        if (!keep(ifGone, action) && isGone()) {
            action.run();
        }
    }

    /// The client has been thrown out, of which Vert.x tells nobody.
    void isThrownOut() {
        come(State.GONE);
    }

    private synchronized boolean keep(List<Runnable> actions, Runnable action) {
        return state == State.OPEN && actions.add(action);
    }

    private synchronized boolean isGone() {
        return state == State.GONE;
    }

    private void come(State how) {
        List<Runnable> due = new ArrayList<>();
        synchronized (this) {
            if (state != State.OPEN) {
                return;
            }
            state = how;
            if (how == State.GONE) {
                due.addAll(ifGone);
            }
            due.addAll(always);
        }
        due.forEach(Runnable::run);
    }
}
