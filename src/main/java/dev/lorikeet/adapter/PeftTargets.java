package dev.lorikeet.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.StreamSupport;

/// Which modules `adapter_config.json` says are adapted or stored whole, by PEFT's rules: to find what a file lacks.
/// What a file has is taken as it is.
record PeftTargets(JsonNode target, JsonNode excluded, Set<Integer> layers, List<String> saved) {
    private static final Pattern LAYER = Pattern.compile("\\.layers\\.(\\d+)\\.");

    /// @throws AdapterRefusal when a text that must be a regular expression is none
    static PeftTargets of(Path folder) {
        var file = JsonFile.read(folder.resolve("adapter_config.json"));
        var layers = new HashSet<Integer>();
        var chosen = file.root().path("layers_to_transform");
        if (chosen.isInt()) {
            layers.add(chosen.intValue());
        }
        chosen.forEach(layer -> layers.add(layer.intValue()));
        for (String field : List.of("target_modules", "exclude_modules")) {
            var value = file.root().path(field);
            try {
                Pattern.compile(value.asText());
            } catch (PatternSyntaxException e) {
                throw new AdapterRefusal(file.file() + ": `" + field + "` is `" + value.asText() + "`, which is not a regular expression");
            }
        }
        return new PeftTargets(file.root().path("target_modules"), file.root().path("exclude_modules"), layers, texts(file.root().path("modules_to_save")));
    }

    private static List<String> texts(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false).map(JsonNode::asText).map(AdapterKey::textModule).toList();
    }

    /// Whether the targets are listed by name.
    boolean isList() {
        return target.isArray() && !target.isEmpty();
    }

    boolean isTargeted(String module) {
        if (isSaved(module) || names(excluded, module)) {
            return false;
        }
        return target.isTextual() ? !target.textValue().equals("all-linear") && names(target, module) : names(target, module) && isInChosenLayer(module);
    }

    /// A text is a regular expression, a list has names.
    private static boolean names(JsonNode modules, String module) {
        return modules.isTextual() ? Pattern.matches(modules.textValue(), module)
                : texts(modules).stream().anyMatch(name -> PeftNames.isTarget(name, module));
    }

    private boolean isInChosenLayer(String module) {
        var layer = LAYER.matcher(module);
        return layers.isEmpty() || layer.find() && layers.contains(Integer.parseInt(layer.group(1)));
    }

    /// Whether the whole module is stored.
    boolean isSaved(String module) {
        return saved.stream().anyMatch(name -> PeftNames.isSaved(name, module));
    }
}
