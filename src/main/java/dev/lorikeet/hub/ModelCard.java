package dev.lorikeet.hub;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `README.md` of an upload: what it is, upon which base, and how it did.
final class ModelCard {
    private static final Pattern HEAD = Pattern.compile("\\A---\\n(.*?\\n)(?=---\\s*(?:\\n|\\z))", Pattern.DOTALL);
    private static final Pattern BASE = Pattern.compile("base_model:(.*)");
    private static final Pattern TAG = Pattern.compile("(\\s*-\\s*)(['\"]?)base_model:((?:adapter|finetune|merge|quantized):)?(.*?)\\2\\s*");

    private ModelCard() {}

    /// The card of a folder that brings none.
    static String of(Push push) {
        boolean adapter = Files.exists(push.folder().resolve(Needs.Adapter.CONFIG));
        Optional<BaseName> base = BaseName.of(push);
        Optional<String> onHub = base.flatMap(BaseName::onHub);
        var head = new StringBuilder("---\n");
        onHub.ifPresent(name -> head.append("base_model: ").append(name).append('\n'));
        head.append("library_name: ").append(adapter ? "peft" : "transformers").append("\npipeline_tag: text-generation\ntags:\n");
        tags(adapter, onHub).forEach(tag -> head.append("- ").append(tag).append('\n'));
        return head.append("---\n\n# ").append(push.repo().id().name()).append("\n\n").append(body(push, adapter, base)).toString();
    }

    /// Sorted, as PEFT writes them.
    private static TreeSet<String> tags(boolean adapter, Optional<String> base) {
        var tags = new TreeSet<>(adapter ? List.of("lora", "lorikeet") : List.of("lorikeet"));
        base.ifPresent(name -> tags.add("base_model:" + (adapter ? "adapter:" : "finetune:") + name));
        return tags;
    }

    private static String body(Push push, boolean adapter, Optional<BaseName> base) {
        var text = new StringBuilder(adapter ? "A LoRA adapter" : "A language model").append(base.map(name -> " for `" + name.shown() + "`").orElse(""))
                .append(", made with Lorikeet.\n");
        if (adapter) {
            Path config = push.folder().resolve(Needs.Adapter.CONFIG);
            text.append("\nRank ").append(BaseName.text(config, "r").orElse("unknown")).append(", alpha ").append(BaseName.text(config, "lora_alpha").orElse("unknown"))
                    .append(".\n");
        }
        if (!push.metrics().isEmpty()) {
            text.append("\n| Metric | Value |\n|---|---|\n");
            push.metrics().forEach((name, value) -> text.append("| ").append(name.replace("|", "\\|")).append(" | ").append(value).append(" |\n"));
        }
        return text.toString();
    }

    /// A card that is there, with the name of the base put right in its head: the hub links to what `base_model` says, and refuses paths. A name on
    /// the hub stays unless the push says another; what is none is replaced by the known one, or left out.
    static String mended(String card, Push push) {
        Matcher head = HEAD.matcher(card);
        if (!head.find()) {
            return card;
        }
        Optional<String> onHub = BaseName.of(push).flatMap(BaseName::onHub);
        var lines = new ArrayList<String>();
        boolean named = false;
        for (String line : head.group(1).lines().toList()) {
            Matcher base = BASE.matcher(line);
            Matcher tag = TAG.matcher(line);
            if (base.matches()) {
                // Nothing behind it: a list of several follows, and whoever wrote that knows them.
                Optional<String> name = base.group(1).isBlank() ? Optional.of("") : better(unquoted(base.group(1)), push, onHub);
                named = true;
                name.ifPresent(kept -> lines.add(kept.isEmpty() || kept.equals(unquoted(base.group(1))) ? line : "base_model: " + kept));
            } else if (tag.matches()) {
                better(tag.group(4), push, onHub).ifPresent(kept -> lines.add(kept.equals(tag.group(4)) ? line
                        : tag.group(1) + "base_model:" + Optional.ofNullable(tag.group(3)).orElse("") + kept));
            } else {
                lines.add(line);
            }
        }
        if (!named) {
            onHub.ifPresent(name -> lines.addFirst("base_model: " + name));
        }
        return "---\n" + String.join("\n", lines) + "\n" + card.substring(head.end());
    }

    private static Optional<String> better(String name, Push push, Optional<String> onHub) {
        return push.base().isEmpty() && RepoRef.tryModel(name).isPresent() && !Files.isDirectory(Path.of(name)) ? Optional.of(name) : onHub;
    }

    private static String unquoted(String value) {
        return value.strip().replaceAll("^(['\"])(.*)\\1$", "$2");
    }
}
