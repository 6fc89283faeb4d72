package dev.lorikeet.app;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelSource;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.hub.HubError;
import dev.lorikeet.hub.HubException;
import dev.lorikeet.hub.HubFolders;
import dev.lorikeet.hub.Needs;
import dev.lorikeet.hub.Patience;
import dev.lorikeet.hub.Progress;
import dev.lorikeet.hub.RepoRef;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Base models by their names on the Hugging Face Hub, for the catalog.
final class HubModels implements ModelSource {
    private final Supplier<HubFolders> hub;

    /// @param hub asked for at the first name of the hub's kind, so that wrong settings trouble nobody else
    HubModels(Supplier<HubFolders> hub) {
        this.hub = hub;
    }

    @Override
    public Optional<String> id(String name) {
        return RepoRef.tryModel(name).map(RepoRef::toString);
    }

    @Override
    public Offer offer(String id) {
        try {
            var folders = hub.get();
            var found = folders.find(RepoRef.model(id), Patience.BRIEF);
            folders.requireAccess(found, "config.json", Patience.BRIEF);
            return progress -> folders.fetch(found, Needs.MODEL, new Reporter(id, progress));
        } catch (HubException e) {
            throw refusal(id, e.error());
        } catch (IllegalArgumentException e) {
            throw new CatalogException.Refused(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for " + id, e);
        }
    }

    private static CatalogException refusal(String id, HubError error) {
        if (error.temporary()) {
            return error.retryAfter().map(wait -> new CatalogException.Unreachable(error.message(), wait))
                    .orElseGet(() -> new CatalogException.Unreachable(error.message()));
        }
        return error instanceof HubError.Missing || error instanceof HubError.WrongRevision ? new CatalogException.NotFound(id, error.message())
                : new CatalogException.Refused(error.message());
    }

    /// Hands progress on.
    private static final class Reporter implements Progress.Listener {
        private final Consumer<ModelState.Downloading> out;
        private final ProgressLog log;

        Reporter(String id, Consumer<ModelState.Downloading> out) {
            this.out = out;
            this.log = new ProgressLog(id);
        }

        @Override
        public void at(Progress progress) {
            var files = new LinkedHashMap<String, ModelState.Transfer>();
            progress.files().forEach((address, file) -> files.put(address, new ModelState.Transfer(file.done(), file.total())));
            out.accept(new ModelState.Downloading(files, progress.remaining()));
            log.at(progress);
        }
    }
}
