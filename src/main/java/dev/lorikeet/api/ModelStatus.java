package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelEvent;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.engine.EngineStats;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Models and their states as llama.cpp's router shows them.
final class ModelStatus {
    private static final List<String> TEXT = List.of("text");
    private static final List<String> STAGES = List.of("text_model");

    private ModelStatus() {}

    public record Models(String object, List<Model> data) {}

    public record Model(String id, List<String> aliases, List<String> tags, String object, @JsonProperty("owned_by") String ownedBy, long created,
                        Status status, @JsonInclude(JsonInclude.Include.NON_NULL) Requests requests, Architecture architecture, String source,
                        @JsonProperty("can_remove") boolean canRemove) {}

    /// Sequences of a model that is loaded. @param running being computed @param waiting for a slot
    public record Requests(int running, int waiting) {
        private static Requests of(EngineStats stats) {
            return new Requests(stats.running(), stats.waiting());
        }
    }

    public record Architecture(@JsonProperty("input_modalities") List<String> input, @JsonProperty("output_modalities") List<String> output) {}

    /// @param value `unloaded`, `downloading`, `loading`, `loaded`, `unloading` or `failed`
    /// @param progress a [Progress], or while downloading a [Transfer] for each file's address
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Status(String value, List<String> args, Object progress, Info info, Boolean failed, String reason) {}

    /// A message of `GET /models/sse`. @param data a [Data], or of a download's progress a [Transfer] for each file's address
    /// @param etaSeconds until a download ends, if that can be told
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Event(String model, String event, Object data, @JsonProperty("eta_seconds") Long etaSeconds) {}

    /// @param done bytes that are here @param total bytes that there will be
    public record Transfer(long done, long total) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Data(String status, Object progress, Info info, Boolean failed, String reason) {}

    /// @param value 0…1 of the stage
    public record Progress(List<String> stages, String current, double value) {}

    /// @param quantization name of the scheme of the matrices, if they are in fewer bits
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Info(@JsonProperty("n_ctx") int context, @JsonProperty("n_params") long parameters, String dtype, String device,
                       @JsonProperty("weight_bytes") long weightBytes, @JsonProperty("cache_bytes") long cacheBytes,
                       String quantization) {}

    static Models of(List<ModelEntry> entries, Map<String, EngineStats> engines) {
        return new Models("list", entries.stream().map(entry -> model(entry, Optional.ofNullable(engines.get(entry.id())))).toList());
    }

    static Event of(ModelEvent event) {
        Status s = status(event.state());
        return new Event(event.model(), "model_status", new Data(s.value, s.progress, s.info, s.failed, s.reason), null);
    }

    static Event progress(String model, ModelState.Downloading download) {
        return new Event(model, "download_progress", transfers(download), download.remaining().map(Duration::toSeconds).orElse(null));
    }

    /// A download is over. @param reason why it failed
    static Event downloaded(String model, Optional<String> reason) {
        return new Event(model, reason.isEmpty() ? "download_finished" : "download_failed", reason.map(why -> Map.of("reason", why)).orElse(Map.of()), null);
    }

    private static Map<String, Transfer> transfers(ModelState.Downloading download) {
        var transfers = new LinkedHashMap<String, Transfer>();
        download.files().forEach((address, file) -> transfers.put(address, new Transfer(file.done(), file.total())));
        return transfers;
    }

    private static Model model(ModelEntry entry, Optional<EngineStats> engine) {
        return new Model(entry.id(), List.of(), List.of(), "model", "lorikeet", entry.created().getEpochSecond(), status(entry.state()),
                engine.map(Requests::of).orElse(null), new Architecture(TEXT, TEXT), "local", false);
    }

    private static Status status(ModelState state) {
        return switch (state) {
            case ModelState.Unloaded _ -> status("unloaded");
            case ModelState.Downloading downloading -> new Status("downloading", List.of(), transfers(downloading), null, null, null);
            case ModelState.Loading(double progress) ->
                    new Status("loading", List.of(), new Progress(STAGES, STAGES.getFirst(), progress), null, null, null);
            case ModelState.Loaded(var _, ModelState.ModelInfo i) -> new Status("loaded", List.of(), null,
                    new Info(i.maxContext(), i.parameters(), i.dtype(), i.device(), i.weightBytes(), i.cacheBytes(), i.quantization().orElse(null)), null, null);
            case ModelState.Unloading _ -> status("unloading");
            case ModelState.Failed(String reason) -> new Status("failed", List.of(), null, null, true, reason);
        };
    }

    private static Status status(String value) {
        return new Status(value, List.of(), null, null, null, null);
    }
}
