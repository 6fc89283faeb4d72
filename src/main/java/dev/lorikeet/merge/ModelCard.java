package dev.lorikeet.merge;

import dev.lorikeet.adapter.PeftConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// `README.md` of a merged checkpoint, with the front matter that the Hugging Face Hub reads.
record ModelCard(Path model, Path adapter, PeftConfig config) {
    private static final Pattern HUB_ID = Pattern.compile("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*");
    /// What a merged model inherits from its base.
    private static final Pattern INHERITED = Pattern.compile("(?m)^(license|license_name|license_link|language):.*(\\n[ -].*)*");

    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve("README.md"), text(folder));
    }

    private String text(Path folder) throws IOException {
        var base = config.baseModel().filter(name -> HUB_ID.matcher(name).matches() && !Files.exists(Path.of(name)));
        var lines = new ArrayList<String>(List.of("---"));
        base.ifPresent(id -> lines.addAll(List.of("base_model: " + id, "base_model_relation: finetune")));
        lines.addAll(inherited());
        lines.addAll(List.of("library_name: transformers", "pipeline_tag: text-generation", "tags:", "- lora", "- merged", "---", ""));
        String name = model.toAbsolutePath().normalize().getFileName().toString();
        lines.addAll(List.of("# " + name + " with " + adapter.toAbsolutePath().normalize().getFileName(), "",
                "The LoRA adapter `" + adapter.toAbsolutePath().normalize().getFileName() + "` (rank " + config.rank() + ", " + kind()
                        + ") put into the weights of `" + base.orElse(name) + "`. The sum was taken in float32 and rounded once to the base's type; logits"
                        + " were compared with those of the base and the adapter apart before this folder was written.", "",
                "    from transformers import AutoModelForCausalLM, AutoTokenizer",
                "    model = AutoModelForCausalLM.from_pretrained(\"PATH\", dtype=\"auto\")",
                "    tokenizer = AutoTokenizer.from_pretrained(\"PATH\")", ""));
        return String.join("\n", lines);
    }

    private String kind() {
        double alpha = config.alpha();
        return (config.dora() ? "DoRA, " : "") + (config.rankStabilised() ? "rank-stabilised, " : "") + "alpha "
                + (alpha == Math.rint(alpha) ? String.valueOf((long) alpha) : String.valueOf(alpha));
    }

    private List<String> inherited() throws IOException {
        var card = model.resolve("README.md");
        if (!Files.isRegularFile(card)) {
            return List.of();
        }
        String text = Files.readString(card);
        int end = text.startsWith("---\n") ? text.indexOf("\n---", 3) : -1;
        return end < 0 ? List.of() : INHERITED.matcher(text.substring(0, end)).results().map(match -> match.group().stripTrailing()).toList();
    }
}
