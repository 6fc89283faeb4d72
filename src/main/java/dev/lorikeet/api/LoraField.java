package dev.lorikeet.api;

import dev.lorikeet.registry.AdapterLeases;
import java.util.List;

/// `lora: [{"name": "law", "scale": 0.5}, …]`: adapters that are mixed with the model, each with its weight (1 if it is left out).
final class LoraField {
    private static final Fields.Range SCALES = Fields.Range.closed(-1000, 1000);

    private LoraField() {}

    static List<AdapterLeases.Wish> read(Fields fields) {
        return fields.list("lora", (node, path) -> {
            var entry = Fields.object(node, path);
            return new AdapterLeases.Wish(entry.requireText("name"), entry.number("scale", SCALES).orElse(1), entry.path("name"));
        });
    }
}
