package dev.lorikeet.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.model.WeightSites;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/// Which modules `adapter_config.json` says are adapted, by PEFT's rules (`tuners_utils.py`): to find what a file lacks. What a file
/// has is taken as it is.
record PeftTargets(JsonNode target, List<String> excluded, Set<Integer> layers) {
    private static final Pattern LAYER = Pattern.compile("\\.layers\\.(\\d+)\\.");

    static PeftTargets of(Path folder) {
        var root = JsonFile.read(folder.resolve("adapter_config.json")).root();
        var layers = new HashSet<Integer>();
        var chosen = root.path("layers_to_transform");
        if (chosen.isInt()) {
            layers.add(chosen.intValue());
        }
        chosen.forEach(layer -> layers.add(layer.intValue()));
        return new PeftTargets(root.path("target_modules"), texts(root.path("exclude_modules")), layers);
    }

    private static List<String> texts(JsonNode node) {
        return node.isTextual() ? List.of(node.textValue()) : StreamSupport.stream(node.spliterator(), false).map(JsonNode::asText).toList();
    }

    /// One line for each adapted module that has no tensor in the file.
    List<String> missing(WeightSites sites, Set<String> present) {
        var missing = new ArrayList<String>();
        for (String module : sites.modules()) {
            if (isTargeted(module) && !present.contains(module)) {
                missing.add("module `" + module + "` is targeted, but the file has no tensor for it");
            }
        }
        return missing;
    }

    private boolean isTargeted(String module) {
        if (excluded.stream().anyMatch(name -> names(name, module))) {
            return false;
        }
        if (target.isTextual()) {
            return !target.textValue().equals("all-linear") && Pattern.compile(target.textValue()).matcher(module).matches();
        }
        return texts(target).stream().anyMatch(name -> names(name, module)) && isInChosenLayer(module);
    }

    private static boolean names(String name, String module) {
        return module.equals(name) || module.endsWith("." + name);
    }

    private boolean isInChosenLayer(String module) {
        var layer = LAYER.matcher(module);
        return layers.isEmpty() || layer.find() && layers.contains(Integer.parseInt(layer.group(1)));
    }
}
