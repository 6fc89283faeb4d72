package dev.lorikeet.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.lorikeet.api.ChoiceEvents.ChoiceEvent;
import dev.lorikeet.api.ChoiceEvents.ClientGone;
import dev.lorikeet.chat.TextEvent;
import java.util.List;
import java.util.Optional;

/// The texts of a request as a stream of chunks. Takes an event only when the one before it is written, so a slow client holds
/// up nobody but itself.
final class StreamedText implements EventStream {
    private final RunningText running;
    private final ChunkFormat format;
    private final OutputFields output;
    private final SseWriter out;
    private final UsageTally tally;

    StreamedText(RunningText running, ChunkFormat format, OutputFields output, SseWriter out) {
        this.running = running;
        this.format = format;
        this.output = output;
        this.out = out;
        this.tally = new UsageTally(running);
    }

    @Override
    public void write() {
        try (running) {
            out.open();
            sendAll(format.open(usage()));
            if (sendChoices()) {
                // Whoever has read the end finds slots, adapters and model given back.
                running.close();
                if (output.includeUsage()) {
                    send(format.usage(tally.usage()));
                }
                out.done();
            }
            out.close();
        } catch (ClientGone _) {
            // Closing the sequences is all that is left to do.
        } catch (RuntimeException e) {
            out.fail(e);
        }
    }

    /// @return whether all choices came to their end
    private boolean sendChoices() {
        int open = running.choices();
        while (open > 0) {
            Optional<ChoiceEvent> next = running.events().next(out.untilKeepAlive());
            if (next.isEmpty()) {
                out.ping();
                continue;
            }
            int choice = next.get().choice();
            switch (Answer.checked(next.get().event())) {
                case TextEvent.PromptScores scores -> sendAll(format.promptScores(choice, scores, usage()));
                case TextEvent.Delta delta -> {
                    tally.add(choice, delta);
                    sendAll(format.delta(choice, delta, usage()));
                }
                case TextEvent.End end -> {
                    tally.end(choice, end.usage());
                    sendAll(format.beforeEnd(choice, usage()));
                    send(format.end(choice, end, usage()));
                    open--;
                }
                case TextEvent.Failure failure -> {
                    out.data(Json.bytes(ErrorBody.of(Answer.failure(failure))));
                    return false;
                }
            }
        }
        return true;
    }

    /// What `usage` is in an ordinary chunk.
    private Object usage() {
        if (output.continuousUsage()) {
            return tally.usage();
        }
        return output.includeUsage() ? NullNode.instance : null;
    }

    private void sendAll(List<Object> chunks) {
        chunks.forEach(this::send);
    }

    private void send(Object chunk) {
        try {
            out.data(format.writer().writeValueAsBytes(chunk));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
