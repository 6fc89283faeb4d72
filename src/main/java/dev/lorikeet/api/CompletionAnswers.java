package dev.lorikeet.api;

import com.fasterxml.jackson.databind.ObjectWriter;
import dev.lorikeet.api.CompletionRequest.RawPrompt;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.chat.TextEvent.ScoredToken;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Answers of the legacy completions endpoint, whole or in chunks. With k prompts, choice index = prompt · n + i.
final class CompletionAnswers implements ChunkFormat {
    private static final ObjectWriter WRITER = Json.writer(TextCompletion.class);

    private final CompletionRequest request;
    private final RunningText running;
    private final Answer answer;
    private final List<CompletionLogprobs.Builder> logprobs;

    CompletionAnswers(CompletionRequest request, RunningText running) {
        this.request = request;
        this.running = running;
        this.answer = Answer.begin("cmpl-", running.modelId());
        this.logprobs = IntStream.range(0, running.choices()).mapToObj(_ -> new CompletionLogprobs.Builder(request.output().tokensAsIds())).toList();
    }

    /// The answer in one piece.
    TextCompletion whole() {
        WholeText text = WholeText.read(running);
        List<TextCompletion.Choice> choices = new ArrayList<>();
        for (int choice : best(text)) {
            choices.add(choice(choices.size(), choice, text.choices().get(choice)));
        }
        List<Integer> promptIds = request.output().returnTokenIds() && running.prompts().size() == 1 ? promptIds(0) : null;
        return new TextCompletion(answer.id(), "text_completion", answer.created(), answer.model(), choices, text.usage(), promptIds);
    }

    /// For each prompt the `n` likeliest of its `best_of` choices.
    private List<Integer> best(WholeText text) {
        int perPrompt = running.perPrompt();
        int n = request.output().n();
        return IntStream.range(0, running.prompts().size()).boxed().flatMap(prompt -> {
            var choices = IntStream.range(prompt * perPrompt, (prompt + 1) * perPrompt).boxed();
            return perPrompt == n ? choices
                    : choices.sorted(Comparator.comparingDouble((Integer c) -> text.choices().get(c).likelihood()).reversed()).limit(n);
        }).toList();
    }

    private TextCompletion.Choice choice(int index, int source, WholeText.Choice choice) {
        OutputFields output = request.output();
        boolean scored = request.logprobs().isPresent();
        if (scored && request.echo()) {
            addPrompt(source, choice.promptScores());
        }
        choice.tokens().forEach(token -> token.scores().ifPresent(logprobs.get(source)::add));
        return new TextCompletion.Choice(request.echo() ? echo(source) + choice.text() : choice.text(), index,
                scored ? logprobs.get(source).take() : null, choice.end().kind().finishReason(), Answer.orJsonNull(Answer.stopReason(choice.end())),
                output.returnTokenIds() ? Answer.ids(choice.tokens()) : null, output.returnTokenIds() ? promptIds(source) : null,
                output.promptLogprobs().isPresent() ? Logprobs.prompt(choice.promptScores()) : null);
    }

    @Override
    public ObjectWriter writer() {
        return WRITER;
    }

    @Override
    public List<Object> open(Object usage) {
        boolean ids = request.output().returnTokenIds();
        // The log-probabilities of an echoed prompt come with the prompt's scores, and the text must come with them.
        boolean echoNow = request.echo() && request.logprobs().isEmpty();
        if (!ids && !echoNow) {
            return List.of();
        }
        return IntStream.range(0, running.choices()).mapToObj(i -> (Object) chunk(new TextCompletion.Choice(echoNow ? echo(i) : "", i, null, null,
                null, null, ids ? promptIds(i) : null, null), usage, ids && running.prompts().size() == 1 && i == 0 ? promptIds(0) : null)).toList();
    }

    @Override
    public List<Object> promptScores(int choice, TextEvent.PromptScores scores, Object usage) {
        if (!request.echo()) {
            return List.of();
        }
        addPrompt(choice, scores.tokens());
        return List.of(chunk(text(choice, echo(choice), logprobs.get(choice).take(), null), usage, null));
    }

    @Override
    public List<Object> delta(int choice, TextEvent.Delta delta, Object usage) {
        boolean scored = request.logprobs().isPresent();
        boolean ids = request.output().returnTokenIds();
        if (delta.text().isEmpty() && (delta.tokens().isEmpty() || !scored && !ids)) {
            return List.of();
        }
        delta.tokens().forEach(token -> token.scores().ifPresent(logprobs.get(choice)::add));
        return List.of(chunk(text(choice, delta.text(), scored ? logprobs.get(choice).take() : null, ids ? Answer.ids(delta.tokens()) : null),
                usage, null));
    }

    @Override
    public Object end(int choice, TextEvent.End end, Object usage) {
        return chunk(new TextCompletion.Choice("", choice, null, end.kind().finishReason(), Answer.orJsonNull(Answer.stopReason(end)), null, null,
                null), usage, null);
    }

    @Override
    public Object usage(Usage usage) {
        return new TextCompletion(answer.id(), "text_completion", answer.created(), answer.model(), List.of(), usage, null);
    }

    private static TextCompletion.Choice text(int choice, String text, CompletionLogprobs logprobs, List<Integer> ids) {
        return new TextCompletion.Choice(text, choice, logprobs, null, null, ids, null, null);
    }

    private TextCompletion chunk(TextCompletion.Choice choice, Object usage, List<Integer> promptIds) {
        return new TextCompletion(answer.id(), "text_completion", answer.created(), answer.model(), List.of(choice), usage, promptIds);
    }

    /// The prompt as the request wrote it; what token ids stand for where it wrote ids, or where it was truncated.
    private String echo(int choice) {
        boolean whole = request.output().truncatePrompt().isEmpty();
        return whole && request.prompts().get(choice / running.perPrompt()) instanceof RawPrompt.Text(String text) ? text
                : running.promptOf(choice).text();
    }

    private void addPrompt(int choice, List<Optional<ScoredToken>> scores) {
        int first = running.promptOf(choice).ids()[0];
        logprobs.get(choice).addPrompt(scores, first, running.model().tokenizer().decode(new int[] {first}, false));
    }

    private List<Integer> promptIds(int choice) {
        return Vocabulary.list(running.promptOf(choice).ids());
    }
}
