package dev.lorikeet.job;

import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.chat.TextRequest;
import dev.lorikeet.engine.AdapterMix;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.SamplingParams;
import dev.lorikeet.engine.StopRules;
import dev.lorikeet.registry.ServedModel;
import dev.lorikeet.training.data.DataOptions;
import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.TrainingExample;
import dev.lorikeet.training.evaluation.ChrF;
import dev.lorikeet.training.evaluation.RougeL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Has base and adapter answer the same prompts, greedily and through the server's own engine: held-out ones, where both are scored against
/// what the rows say, and the user's own.
final class SampleAnswers {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final ServedModel base;
    private final ServedModel adapted;
    private final int maxTokens;

    SampleAnswers(ServedModel base, ServedModel adapted, int maxTokens) {
        this.base = base;
        this.adapted = adapted;
        this.maxTokens = maxTokens;
    }

    /// A line of JSON for each prompt, and one with the scores of them all.
    ///
    /// @param examples of pairs, the preferred answer is what is expected
    String write(List<? extends TrainingExample> examples) throws InterruptedException {
        var lines = new StringBuilder();
        var chrfBase = new ChrF();
        var chrfAdapter = new ChrF();
        double rougeBase = 0;
        double rougeAdapter = 0;
        int count = 0;
        for (var row : examples) {
            var example = row.sequences().getFirst();
            int from = firstLearned(example);
            int[] prompt = Arrays.copyOf(example.inputIds(), from);
            if (prompt.length == 0 || prompt.length >= base.model().generator().maxContext()) {
                continue;
            }
            String expected = expected(example, from);
            String plain = answer(base.model(), Optional.empty(), prompt);
            String trained = answer(adapted.model(), adapted.adapters(), prompt);
            chrfBase.add(plain, expected);
            chrfAdapter.add(trained, expected);
            rougeBase += RougeL.of(plain, expected);
            rougeAdapter += RougeL.of(trained, expected);
            count++;
            var line = JobJson.object().put("line", example.line()).put("prompt", base.model().tokenizer().decode(prompt, true)).put("expected", expected)
                    .put("base", plain).put("adapter", trained).put("base_chrf", ChrF.of(plain, expected)).put("adapter_chrf", ChrF.of(trained, expected))
                    .put("base_rouge_l", RougeL.of(plain, expected)).put("adapter_rouge_l", RougeL.of(trained, expected));
            lines.append(line).append('\n');
        }
        if (count > 0) {
            lines.append(JobJson.object().put("summary", true).put("prompts", count).put("base_chrf", chrfBase.score()).put("adapter_chrf", chrfAdapter.score())
                    .put("base_rouge_l", rougeBase / count).put("adapter_rouge_l", rougeAdapter / count)).append('\n');
        }
        return lines.toString();
    }

    /// Answers to questions of the user's own: as a chat, or as they stand where rows are made by a template of their own.
    List<TrainingBackend.Sample> answer(List<String> prompts, DataOptions rows) throws InterruptedException {
        var samples = new ArrayList<TrainingBackend.Sample>();
        for (String prompt : prompts) {
            int[] plain = ids(base.model(), prompt, rows);
            int[] adapted = ids(this.adapted.model(), prompt, rows);
            if (Math.max(plain.length, adapted.length) >= base.model().generator().maxContext()) {
                throw new IllegalStateException("`sample_prompts` has a prompt of " + plain.length + " tokens; there is room for "
                        + base.model().generator().maxContext() + ", the answer included");
            }
            samples.add(new TrainingBackend.Sample(prompt, answer(base.model(), Optional.empty(), plain), answer(this.adapted.model(), this.adapted.adapters(), adapted)));
        }
        return samples;
    }

    private static int[] ids(TextModel model, String prompt, DataOptions rows) {
        if (rows.promptTemplate().isPresent()) {
            return model.prompt(prompt, true).ids();
        }
        return model.prompt(new ChatPrompt(List.of(Map.of("role", "user", "content", prompt)), List.of(), List.of(), true, false, Map.of(), rows.chatTemplate())).ids();
    }

    private static int firstLearned(Example example) {
        int first = 0;
        while (first < example.length() && example.labels()[first] == Example.IGNORED) {
            first++;
        }
        return first;
    }

    /// The first learned stretch.
    private String expected(Example example, int from) {
        int to = from;
        while (to < example.length() && example.labels()[to] != Example.IGNORED) {
            to++;
        }
        return base.model().tokenizer().decode(Arrays.copyOfRange(example.inputIds(), from, to), true).strip();
    }

    private String answer(TextModel model, Optional<AdapterMix> adapters, int[] prompt) throws InterruptedException {
        int room = Math.min(maxTokens, model.generator().maxContext() - prompt.length);
        var rules = new StopRules(model.defaults().endTokenIds(), java.util.Set.of(), false, 0, Math.max(1, room), Optional.empty(), Optional.empty());
        var request = new GenerationRequest(prompt, SamplingParams.greedy(), rules, OptionalInt.empty(), OptionalInt.empty(), Optional.empty()).on(adapters);
        var text = new StringBuilder();
        try (var stream = model.generate(new TextRequest(request, List.of(), false, true))) {
            while (true) {
                switch (stream.next(PATIENCE).orElseThrow(() -> new IllegalStateException("no answer came within " + PATIENCE))) {
                    case TextEvent.Delta delta -> text.append(delta.text());
                    case TextEvent.PromptScores _ -> throw new IllegalStateException("nobody has asked for scores");
                    case TextEvent.End _ -> {
                        return text.toString().strip();
                    }
                    case TextEvent.Failure failure -> throw new IllegalStateException(failure.message());
                }
            }
        }
    }
}
