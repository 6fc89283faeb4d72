package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The messages of a training row, for tests outside of this package.
public final class MessagesOfRows {
    private MessagesOfRows() {}

    /// Empty if they are refused.
    public static Optional<List<Map<String, Object>>> read(JsonNode messages) {
        try {
            var row = JsonNodeFactory.instance.objectNode().set("messages", messages);
            return Optional.of(((Row.Chat) new RowReader(DataOptions.upTo(512)).read((ObjectNode) row)).chat().messages());
        } catch (RowException _) {
            return Optional.empty();
        }
    }
}
