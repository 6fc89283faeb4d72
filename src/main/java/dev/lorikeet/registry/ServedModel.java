package dev.lorikeet.registry;

import dev.lorikeet.chat.TextModel;
import dev.lorikeet.engine.AdapterMix;
import java.util.Optional;

/// What a request runs on: a base model, alone or with adapters. Until it is closed neither the base nor these versions are unloaded.
public interface ServedModel extends AutoCloseable {
    /// As the request called it.
    String id();

    TextModel model();

    Optional<AdapterMix> adapters();

    @Override
    void close();
}
