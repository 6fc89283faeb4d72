package dev.lorikeet.api;

import com.fasterxml.jackson.databind.ObjectWriter;
import dev.lorikeet.chat.TextEvent;
import java.util.List;

/// How an endpoint writes the events of its choices as chunks. `usage` is what a chunk's key of that name is to hold.
interface ChunkFormat {
    ObjectWriter writer();

    /// Chunks before anything was generated.
    List<Object> open(Object usage);

    List<Object> promptScores(int choice, TextEvent.PromptScores scores, Object usage);

    List<Object> delta(int choice, TextEvent.Delta delta, Object usage);

    /// Chunks for which all text of the choice must be known.
    default List<Object> beforeEnd(int choice, Object usage) {
        return List.of();
    }

    /// The one chunk that names the finish reason.
    Object end(int choice, TextEvent.End end, Object usage);

    /// The chunk without choices that closes a stream whose client asked for usage.
    Object usage(Usage usage);
}
