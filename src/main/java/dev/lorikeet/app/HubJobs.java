package dev.lorikeet.app;

import dev.lorikeet.hub.HubException;
import dev.lorikeet.hub.HubFolders;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Progress;
import dev.lorikeet.hub.Push;
import dev.lorikeet.hub.RepoRef;
import dev.lorikeet.job.HubAccess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Data sets of the Hugging Face Hub for jobs, and repositories for what they make.
final class HubJobs implements HubAccess {
    private final Supplier<HubFolders> hub;
    private final Supplier<HubUpload> upload;

    /// @param hub, upload asked for when a job names the hub, so that wrong settings trouble nobody else
    HubJobs(Supplier<HubFolders> hub, Supplier<HubUpload> upload) {
        this.hub = hub;
        this.upload = upload;
    }

    @Override
    public List<Path> dataset(String name, String split) throws InterruptedException {
        try {
            return hub.get().dataset(RepoRef.dataset(name), split, new ProgressLog(name));
        } catch (HubException | IllegalArgumentException e) {
            throw new Refusal(e.getMessage(), e);
        }
    }

    @Override
    public String push(Path folder, Target target, String base) throws InterruptedException {
        try {
            var push = new Push(folder, RepoRef.model(target.repo()), target.isPrivate(), "Upload from Lorikeet", RepoRef.tryModel(base).map(_ -> base), Map.of());
            return upload.get().push(push, Progress.Listener.NONE).url();
        } catch (HubException | IllegalArgumentException e) {
            throw new Refusal(e.getMessage(), e);
        }
    }
}
