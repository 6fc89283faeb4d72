package dev.lorikeet.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import dev.lorikeet.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// What a name of an adapter means in all servers on a data folder: a file of JSON for each name.
///
/// @param current the version that the name alone means, 0 once it was unloaded @param last the highest number that was given
record SharedName(String name, int current, List<Entry> versions, int last) {
    private static final String END = ".json";

    /// A version. @param path as the request said @param sha256 of its weights
    record Entry(int number, String path, String base, boolean pinned, String sha256) {
        static Entry of(AdapterStatus status, String path) {
            return new Entry(status.version(), path, status.base(), status.pinned(), status.sha256());
        }
    }

    SharedName {
        versions = List.copyOf(versions);
    }

    /// Names may be longer than the names of files, and have other characters.
    static Path file(Path folder, String name) {
        return folder.resolve(Sha256.of(name.getBytes(StandardCharsets.UTF_8)).substring(0, 32) + END);
    }

    static boolean isOne(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(END) && !name.startsWith(".");
    }

    Set<Integer> numbers() {
        return versions.stream().map(Entry::number).collect(Collectors.toSet());
    }

    /// With a further version, which the name means from now on.
    SharedName with(Entry entry) {
        var all = new ArrayList<>(versions);
        all.add(entry);
        return new SharedName(name, entry.number(), all, Math.max(last, entry.number()));
    }

    /// Whether it has this version; empty: any.
    boolean has(OptionalInt number) {
        return number.isPresent() ? numbers().contains(number.getAsInt()) : !versions.isEmpty();
    }

    /// Without this version, or all; of the others the newest takes the place of the current one. Numbers are not given again.
    SharedName without(OptionalInt number) {
        var rest = number.isEmpty() ? List.<Entry>of() : versions.stream().filter(entry -> entry.number() != number.getAsInt()).toList();
        boolean stays = rest.stream().anyMatch(entry -> entry.number() == current);
        return new SharedName(name, stays ? current : rest.stream().mapToInt(Entry::number).max().orElse(0), rest, last);
    }

    SharedName pointing(int number) {
        return new SharedName(name, number, versions, last);
    }

    void write(Path file) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", name).put("current", current).put("last", last);
        var list = json.putArray("versions");
        versions.forEach(entry -> list.addObject().put("number", entry.number()).put("path", entry.path())
                .put("base", entry.base()).put("pinned", entry.pinned()).put("sha256", entry.sha256()));
        AtomicFile.write(file, json.toPrettyString());
    }

    /// @throws BadFileException the file is no such thing
    static Optional<SharedName> read(Path file) {
        return JsonFile.readIfPresent(file).map(json -> {
            var versions = new ArrayList<Entry>();
            for (JsonNode one : json.at("versions")) {
                var entry = new JsonFile(file, one);
                versions.add(new Entry(number(entry, "number"), text(entry, "path"), text(entry, "base"),
                        entry.bool("pinned").orElse(false), text(entry, "sha256")));
            }
            return new SharedName(text(json, "name"), number(json, "current"), versions, number(json, "last"));
        });
    }

    private static String text(JsonFile json, String field) {
        return json.string(field).orElseThrow(() -> json.bad(field, "is missing"));
    }

    private static int number(JsonFile json, String field) {
        return json.integer(field, 0).orElseThrow(() -> json.bad(field, "is missing"));
    }
}
