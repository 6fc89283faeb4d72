package dev.lorikeet.catalog;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/// Where models come from that are no folders under a root: it knows a name when it sees one, and brings the folder.
public interface ModelSource {
    /// Knows no name.
    ModelSource NONE = new ModelSource() {
        @Override
        public Optional<String> id(String name) {
            return Optional.empty();
        }

        @Override
        public Offer offer(String id) {
            throw new CatalogException.NotFound(id);
        }
    };

    /// The id of the model that this name means, if it is a name of this source's kind. Asks nobody.
    Optional<String> id(String name);

    /// Asks whether the model can be had. Blocks for a short while.
    ///
    /// @throws CatalogException it does not exist, is not allowed, or its source cannot be reached
    Offer offer(String id);

    /// A model that can be had.
    @FunctionalInterface
    interface Offer {
        /// Brings it whole, or what of it is not there yet. An interrupt cancels. @throws RuntimeException with a message for the user
        Path fetch(Consumer<ModelState.Downloading> progress) throws InterruptedException;
    }
}
