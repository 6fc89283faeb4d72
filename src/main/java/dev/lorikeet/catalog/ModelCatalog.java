package dev.lorikeet.catalog;

import dev.lorikeet.engine.EngineStats;
import dev.lorikeet.model.Quantization;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The base models of this server. Safe for use by many threads.
public interface ModelCatalog {
    /// Every known model, resident or not, the default model first.
    List<ModelEntry> entries();

    /// How busy each resident model is, by its id.
    Map<String, EngineStats> stats();

    /// What is left of the memory that models are loaded to.
    DeviceMemory memory();

    /// A lease on a resident model.
    ///
    /// @throws CatalogException.NotFound no model of that id
    /// @throws CatalogException.Busy it is loading or unloading: try again later
    /// @throws CatalogException.NotLoaded it is known but not resident
    ModelLease lease(String id);

    /// The model that serves where a request may leave `model` out; same exceptions.
    ModelLease leaseDefault();

    /// Starts to load a model in the background: an id that is known, a folder under a model root, or a name of the source, which is
    /// fetched first.
    ///
    /// @throws CatalogException.NotFound no such folder @throws CatalogException.Unreachable the source does not answer @throws CatalogException.AlreadyRunning it is loaded or loading
    /// @throws CatalogException.Refused the folder is plainly wrong, outside the roots, or would not fit in memory
    void load(String idOrPath);

    /// Starts to load a model with its matrices in fewer bits. Its id is the model's, a colon and the scheme's name, as [#idOf] says;
    /// same exceptions.
    void load(String idOrPath, Quantization scheme);

    /// Starts to load a model as these options say; same exceptions.
    default void load(String idOrPath, LoadOptions options) {
        options.quantization().ifPresentOrElse(scheme -> load(idOrPath, scheme), () -> load(idOrPath));
    }

    /// The id under which a model with its matrices in fewer bits is, or would be, resident: that of the model itself if it is loaded so,
    /// else `demo:nf4`.
    String idOf(String id, Quantization scheme);

    /// Starts to fetch a model from its source, without loading it; same exceptions.
    void fetch(String id);

    /// Waits for running requests, unloads, and says how many bytes came back. Blocks. Of a model that is being fetched, the fetching ends.
    ///
    /// @throws CatalogException.NotLoaded it is not resident
    long unload(String id);

    /// Calls `listener` with every change, on an unspecified thread, until the subscription is closed. The listener must not block.
    AutoCloseable subscribe(Consumer<ModelEvent> listener);
}
