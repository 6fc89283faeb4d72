package dev.lorikeet.hub;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `README.md` of an upload: what it is, upon which base, and how it did.
///
/// @param base empty if nothing says what it is
record ModelCard(Push push, Optional<BaseName> base) {
    private static final Pattern HEAD = Pattern.compile("\\A---\\n(.*?\\n)(?=---\\s*(?:\\n|\\z))", Pattern.DOTALL);
    private static final Pattern BASE = Pattern.compile("base_model:(.*)");
    private static final Pattern TAG = Pattern.compile("(\\s*-\\s*)(['\"]?)base_model:((?:adapter|finetune|merge|quantized):)?(.*?)\\2\\s*");

    /// The card of a folder that brings none.
    static String of(Push push) {
        return new ModelCard(push, BaseName.of(push)).written();
    }

    /// A card that is there, with the name of the base put right in its head: the hub links to what `base_model` says, and refuses paths. A name on
    /// the hub stays unless the push says another; what is none is replaced by the known one, or left out.
    static String mended(String card, Push push) {
        Matcher head = HEAD.matcher(card);
        return head.find() ? "---\n" + new ModelCard(push, BaseName.of(push)).mendedHead(head.group(1)) + card.substring(head.end()) : card;
    }

    private Optional<String> onHub() {
        return base.flatMap(BaseName::onHub);
    }

    private boolean adapter() {
        return Files.exists(push.folder().resolve(Needs.Adapter.CONFIG));
    }

    private String written() {
        var text = new StringBuilder("---\n");
        onHub().ifPresent(name -> text.append("base_model: ").append(name).append('\n'));
        text.append("library_name: ").append(adapter() ? "peft" : "transformers").append("\npipeline_tag: text-generation\ntags:\n");
        tags().forEach(tag -> text.append("- ").append(tag).append('\n'));
        return text.append("---\n\n# ").append(push.repo().id().name()).append("\n\n").append(body()).toString();
    }

    /// Sorted, as PEFT writes them.
    private TreeSet<String> tags() {
        var tags = new TreeSet<>(adapter() ? List.of("lora", "lorikeet") : List.of("lorikeet"));
        onHub().ifPresent(name -> tags.add("base_model:" + (adapter() ? "adapter:" : "finetune:") + name));
        return tags;
    }

    private String body() {
        var text = new StringBuilder(adapter() ? "A LoRA adapter" : "A language model").append(base.map(name -> " for `" + name.shown() + "`").orElse(""))
                .append(", made with Lorikeet.\n");
        if (adapter()) {
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

    private String mendedHead(String head) {
        List<String> lines = head.lines().map(this::mendedLine).flatMap(Optional::stream).toList();
        String named = head.lines().anyMatch(line -> BASE.matcher(line).matches()) ? "" : onHub().map(name -> "base_model: " + name + "\n").orElse("");
        return named + String.join("\n", lines) + "\n";
    }

    /// A line of a card's head; empty if it is to be left out.
    private Optional<String> mendedLine(String line) {
        Matcher single = BASE.matcher(line);
        if (single.matches()) {
            String name = unquoted(single.group(1));
            // Nothing behind it: a list of several follows, and whoever wrote that knows them.
            return single.group(1).isBlank() ? Optional.of(line) : better(name).map(kept -> kept.equals(name) ? line : "base_model: " + kept);
        }
        Matcher tag = TAG.matcher(line);
        if (tag.matches()) {
            String name = tag.group(4);
            return better(name).map(kept -> kept.equals(name) ? line : tag.group(1) + "base_model:" + Optional.ofNullable(tag.group(3)).orElse("") + kept);
        }
        return Optional.of(line);
    }

    private Optional<String> better(String name) {
        return push.base().isEmpty() && RepoRef.tryModel(name).isPresent() && !Files.isDirectory(Path.of(name)) ? Optional.of(name) : onHub();
    }

    private static String unquoted(String value) {
        return value.strip().replaceAll("^(['\"])(.*)\\1$", "$2");
    }
}
