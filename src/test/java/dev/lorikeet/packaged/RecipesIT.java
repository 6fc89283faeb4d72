package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each recipe under `examples`, as it is, on the demo model.
class RecipesIT {
    @TempDir
    Path folder;

    static Stream<Path> recipes() throws Exception {
        try (var folders = Files.list(Path.of("examples"))) {
            return folders.map(example -> example.resolve("recipe.yaml")).sorted().toList().stream();
        }
    }

    private record Ended(int code, String output) {}

    private Ended train(Path recipe, String... more) throws Exception {
        Path log = folder.resolve("log");
        var arguments = new java.util.ArrayList<>(List.of("train", recipe.toString()));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--url")) {
            arguments.addAll(List.of("--data", folder.resolve("data").toString()));
        }
        var process = PackagedServer.launcher(arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("%s is still running", recipe).isTrue();
            return new Ended(process.exitValue(), Files.readString(log));
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void runsToItsEndAndMakesAnAdapter(Path recipe) throws Exception {
        var ended = train(recipe, "--model", "models/demo");
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output()).containsPattern("step \\d+/\\d+  loss [0-9.]+  \\d+ tokens/s  \\d+:\\d\\d left").containsPattern("made ft:demo(:nf4-float16|:llm-int8)?::");
        try (var files = Files.walk(folder.resolve("data/jobs"))) {
            assertThat(files.map(file -> file.getFileName().toString())).contains("adapter_config.json", "adapter_model.safetensors", "README.md",
                    "lorikeet.json", "tokenizer.json", "trainer_state.json");
        }
    }

    @Test
    void onAServerThatRunsTheModelOfTheCommandLineTakesPrecedenceOverTheRecipes() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            Path rows = Files.writeString(folder.resolve("rows.jsonl"), "{\"text\": \"a\"}\n");
            Path recipe = Files.writeString(folder.resolve("recipe.yaml"), "model: models/nowhere\ntraining_file: " + rows.getFileName() + "\nmax_steps: 1\n");
            String url = server.uri("").toString();
            var refused = train(recipe, "--url", url);
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.output()).contains("models/nowhere");
            var ended = train(recipe, "--url", url, "--model", "demo");
            assertThat(ended.code()).as(ended.output()).isZero();
            assertThat(ended.output()).contains("made ft:demo::");
        }
    }

    @Test
    void aRecipeThatIsWrongEndsWithTwoAndNamesTheKey() throws Exception {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), "{\"text\": \"a\"}\n");
        Path recipe = Files.writeString(folder.resolve("recipe.yaml"), "training_file: " + rows.getFileName() + "\nload_in_4bit: true\nload_in_8bit: true\n");
        var ended = train(recipe, "--model", "models/demo");
        assertThat(ended.code()).as(ended.output()).isEqualTo(2);
        assertThat(ended.output()).contains("load_in_8bit").doesNotContain("\tat ");
    }
}
