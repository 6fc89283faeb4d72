package dev.lorikeet.catalog;

import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.model.ModelPlan;
import java.nio.file.Path;
import java.util.List;

/// @param roots folders under which models may be loaded by request @param source where models come from that are not there
/// @param model how models are laid out in memory
public record CatalogOptions(List<Path> roots, ModelSource source, ModelPlan.Options model, EngineOptions engine) {
    public CatalogOptions {
        roots = List.copyOf(roots);
    }

    /// Without a source: folders only.
    public CatalogOptions(List<Path> roots, ModelPlan.Options model, EngineOptions engine) {
        this(roots, ModelSource.NONE, model, engine);
    }
}
