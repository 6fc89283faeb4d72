package dev.lorikeet.app;

import dev.lorikeet.hub.HubFolders;
import dev.lorikeet.hub.HubSettings;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Patience;
import dev.lorikeet.hub.Push;
import dev.lorikeet.hub.RepoRef;
import dev.lorikeet.hub.RepoType;
import dev.lorikeet.terminal.LiveLine;
import dev.lorikeet.terminal.PlainText;
import dev.lorikeet.terminal.ProgressLine;
import dev.lorikeet.terminal.Screen;
import java.nio.file.Path;
import java.util.Map;

/// `lorikeet pull` brings a model, an adapter or a data set's split into the cache and prints where it lies; `lorikeet push` uploads a folder.
final class HubCommands {
    private HubCommands() {}

    /// `pull owner/name[@revision]` or `pull datasets/owner/name[@revision] [split]`.
    static void pull(CommandLine command) throws InterruptedException {
        var operands = command.operands();
        var repo = RepoRef.parse(operands.getFirst());
        var hub = new HubFolders(settings());
        try (var line = progress(repo.toString())) {
            if (repo.type() == RepoType.DATASET) {
                var files = hub.dataset(repo, operands.size() > 1 ? operands.get(1) : "train", line);
                line.close();
                files.forEach(System.out::println);
                return;
            }
            if (operands.size() > 1) {
                throw new IllegalArgumentException("`" + operands.get(1) + "`: only a data set has splits, and its name begins with datasets/");
            }
            var found = hub.find(repo, Patience.LONG);
            Path folder = hub.fetch(found, found.needs(), line);
            line.close();
            found.cacheOnly().ifPresent(why -> System.err.println("taken from the cache as of commit " + found.commit() + ": " + PlainText.of(why)));
            System.out.println(folder);
        }
    }

    /// `push DIR owner/name`.
    static void push(CommandLine command) throws InterruptedException {
        var operands = command.operands();
        var repo = RepoRef.parse(operands.get(1));
        boolean visible = command.value(Option.PUSH_PUBLIC).map(Boolean::parseBoolean).orElse(false);
        var push = new Push(Path.of(operands.getFirst()), repo, !visible, command.value(Option.PUSH_MESSAGE).orElse("Upload from Lorikeet"),
                command.value(Option.PUSH_BASE), Map.of());
        var upload = new HubUpload(new HubFolders(settings()).client());
        try (var line = progress(operands.getFirst())) {
            var pushed = upload.push(push, line);
            line.close();
            if (!pushed.changed()) {
                System.err.println("nothing has changed since the last commit");
            }
            System.out.println(pushed.url());
        }
    }

    private static ProgressLine progress(String what) {
        return new ProgressLine(what, new LiveLine(System.err, Screen.ofErrors()));
    }

    private static HubSettings settings() {
        return HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")));
    }
}
