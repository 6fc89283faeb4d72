package dev.lorikeet.app;

import dev.lorikeet.hub.HubFolders;
import dev.lorikeet.hub.Needs;
import dev.lorikeet.hub.Patience;
import dev.lorikeet.hub.RepoRef;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.registry.AdapterSource;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// Adapters by their names on the Hugging Face Hub, for the registry.
final class HubAdapters implements AdapterSource {
    private final Supplier<HubFolders> hub;

    HubAdapters(Supplier<HubFolders> hub) {
        this.hub = hub;
    }

    @Override
    public Optional<Path> fetch(String name) {
        return RepoRef.tryModel(name).map(repo -> {
            try {
                // Somebody waits for the answer: a hub that wants a long pause is told of at once.
                var folders = hub.get();
                return folders.fetch(folders.find(repo, Patience.BRIEF), Needs.ADAPTER, new ProgressLog(repo.toString()));
            } catch (IllegalArgumentException e) {
                // The hub's variables are wrong.
                throw new AdapterException.Invalid(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while fetching " + name, e);
            }
        });
    }
}
