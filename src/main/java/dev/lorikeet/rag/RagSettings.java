package dev.lorikeet.rag;

import java.util.Map;

/// The [RagOptions] of each model, and of those that have none of their own.
public record RagSettings(Map<String, RagOptions> byModel, RagOptions general) {
    public RagSettings {
        byModel = Map.copyOf(byModel);
    }

    public RagOptions of(String model) {
        return byModel.getOrDefault(model, general);
    }

    public boolean searchesUnasked() {
        return general.search() || byModel.values().stream().anyMatch(RagOptions::search);
    }
}
