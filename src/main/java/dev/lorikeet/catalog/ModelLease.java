package dev.lorikeet.catalog;

import dev.lorikeet.chat.TextModel;
import dev.lorikeet.model.LoadedModel;

/// The right to use a resident model: until it is closed the model is not unloaded.
public interface ModelLease extends AutoCloseable {
    ModelEntry entry();

    TextModel model();

    /// The frozen weights, for what is built upon them.
    LoadedModel weights();

    @Override
    void close();
}
