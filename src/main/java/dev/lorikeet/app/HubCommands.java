package dev.lorikeet.app;

import dev.lorikeet.hub.HubException;
import dev.lorikeet.hub.HubFolders;
import dev.lorikeet.hub.HubSettings;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Patience;
import dev.lorikeet.hub.Push;
import dev.lorikeet.hub.RepoRef;
import dev.lorikeet.hub.RepoType;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `lorikeet pull` brings a model, an adapter or a data set's split into the cache and prints where it lies; `lorikeet push` uploads a folder.
final class HubCommands {
    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    HubCommands(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    static HubCommands ofThisProcess() {
        return new HubCommands(System.getenv(), System.out, System.err);
    }

    @FunctionalInterface
    private interface Action {
        void run() throws InterruptedException;
    }

    /// `pull owner/name[@revision]` or `pull datasets/owner/name[@revision] [split]`. @return the exit status
    int pull(List<String> operands) {
        return reporting("pull", () -> {
            var repo = RepoRef.parse(operands.getFirst());
            var hub = new HubFolders(settings());
            try (var line = new ProgressLine(repo.toString(), err, System.console() != null)) {
                if (repo.type() == RepoType.DATASET) {
                    hub.dataset(repo, operands.size() > 1 ? operands.get(1) : "train", line).forEach(out::println);
                    return;
                }
                if (operands.size() > 1) {
                    throw new IllegalArgumentException("`" + operands.get(1) + "`: only a data set has splits, and its name begins with datasets/");
                }
                var found = hub.find(repo, Patience.LONG);
                Path folder = hub.fetch(found, found.needs(), line);
                line.close();
                found.cacheOnly().ifPresent(why -> err.println("taken from the cache as of commit " + found.commit() + ": " + why));
                out.println(folder);
            }
        });
    }

    /// `push DIR owner/name`. @return the exit status
    int push(List<String> operands, Map<Option, String> options) {
        return reporting("push", () -> {
            var repo = RepoRef.parse(operands.get(1));
            boolean visible = Boolean.parseBoolean(options.getOrDefault(Option.PUSH_PUBLIC, "false"));
            var push = new Push(Path.of(operands.getFirst()), repo, !visible, options.getOrDefault(Option.PUSH_MESSAGE, "Upload from Lorikeet"),
                    Optional.ofNullable(options.get(Option.PUSH_BASE)), Map.of());
            var upload = new HubUpload(new HubFolders(settings()).client());
            try (var line = new ProgressLine(operands.getFirst(), err, System.console() != null)) {
                var pushed = upload.push(push, line);
                line.close();
                if (!pushed.changed()) {
                    err.println("nothing has changed since the last commit");
                }
                out.println(pushed.url());
            }
        });
    }

    private HubSettings settings() {
        return HubSettings.of(environment, Path.of(System.getProperty("user.home")));
    }

    private int reporting(String command, Action action) {
        try {
            action.run();
            return 0;
        } catch (HubException | IllegalArgumentException e) {
            err.println("lorikeet " + command + ": " + e.getMessage());
            return 1;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }
}
