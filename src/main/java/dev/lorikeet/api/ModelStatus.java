package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelEvent;
import dev.lorikeet.catalog.ModelState;
import java.util.List;

/// Models and their states as llama.cpp's router shows them.
final class ModelStatus {
    private static final List<String> TEXT = List.of("text");
    private static final List<String> STAGES = List.of("text_model");

    private ModelStatus() {}

    public record Models(String object, List<Model> data) {}

    public record Model(String id, List<String> aliases, List<String> tags, String object, @JsonProperty("owned_by") String ownedBy, long created,
                        Status status, Architecture architecture, String source, @JsonProperty("can_remove") boolean canRemove) {}

    public record Architecture(@JsonProperty("input_modalities") List<String> input, @JsonProperty("output_modalities") List<String> output) {}

    /// @param value `unloaded`, `loading`, `loaded`, `unloading` or `failed`
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Status(String value, List<String> args, Progress progress, Info info, Boolean failed, String reason) {}

    /// A message of `GET /models/sse`.
    public record Event(String model, String event, Data data) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Data(String status, Progress progress, Info info, Boolean failed, String reason) {}

    /// @param value 0…1 of the stage
    public record Progress(List<String> stages, String current, double value) {}

    public record Info(@JsonProperty("n_ctx") int context, @JsonProperty("n_params") long parameters, String dtype, String device,
                       @JsonProperty("weight_bytes") long weightBytes, @JsonProperty("cache_bytes") long cacheBytes) {}

    static Models of(List<ModelEntry> entries) {
        return new Models("list", entries.stream().map(ModelStatus::model).toList());
    }

    static Event of(ModelEvent event) {
        Status s = status(event.state());
        return new Event(event.model(), "model_status", new Data(s.value, s.progress, s.info, s.failed, s.reason));
    }

    private static Model model(ModelEntry entry) {
        return new Model(entry.id(), List.of(), List.of(), "model", "lorikeet", entry.created().getEpochSecond(), status(entry.state()),
                new Architecture(TEXT, TEXT), "local", false);
    }

    private static Status status(ModelState state) {
        return switch (state) {
            case ModelState.Unloaded _ -> status("unloaded");
            case ModelState.Loading(double progress) ->
                    new Status("loading", List.of(), new Progress(STAGES, STAGES.getFirst(), progress), null, null, null);
            case ModelState.Loaded(var _, ModelState.ModelInfo i) -> new Status("loaded", List.of(), null,
                    new Info(i.maxContext(), i.parameters(), i.dtype(), i.device(), i.weightBytes(), i.cacheBytes()), null, null);
            case ModelState.Unloading _ -> status("unloading");
            case ModelState.Failed(String reason) -> new Status("failed", List.of(), null, null, true, reason);
        };
    }

    private static Status status(String value) {
        return new Status(value, List.of(), null, null, null, null);
    }
}
