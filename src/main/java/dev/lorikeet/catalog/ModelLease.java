package dev.lorikeet.catalog;

import dev.lorikeet.chat.TextModel;

/// The right to use a resident model: until it is closed the model is not unloaded.
public interface ModelLease extends AutoCloseable {
    ModelEntry entry();

    TextModel model();

    @Override
    void close();
}
