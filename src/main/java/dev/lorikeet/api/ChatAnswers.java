package dev.lorikeet.api;

import com.fasterxml.jackson.databind.ObjectWriter;
import dev.lorikeet.api.ChatChunk.Delta;
import dev.lorikeet.chat.TextEvent;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Answers of the chat endpoint, whole or in chunks.
final class ChatAnswers implements ChunkFormat {
    private static final ObjectWriter WRITER = Json.writer(ChatChunk.class);
    private static final Delta OPENING = new ChatChunk.Opening("assistant", "", null);
    private static final Delta NOTHING = new ChatChunk.Nothing();

    private final ChatRequest request;
    private final RunningText running;
    private final Answer answer;
    private final Optional<Sources> sources;
    // Citations are found in the whole text of a choice.
    private final List<StringBuilder> written;

    ChatAnswers(ChatRequest request, RunningText running, Optional<Sources> sources) {
        this.request = request;
        this.running = running;
        this.answer = Answer.begin("chatcmpl-", running.modelId());
        this.sources = sources;
        this.written = IntStream.range(0, running.choices()).mapToObj(_ -> new StringBuilder()).toList();
    }

    /// The answer in one piece.
    ChatCompletion whole() {
        WholeText text = WholeText.read(running);
        List<ChatCompletion.Choice> choices = IntStream.range(0, text.choices().size()).mapToObj(i -> choice(i, text.choices().get(i))).toList();
        return new ChatCompletion(answer.id(), "chat.completion", answer.created(), answer.model(), null, "default", choices, text.usage(),
                request.output().returnTokenIds() ? Vocabulary.list(running.promptOf(0).ids()) : null,
                sources.map(Sources::report).orElse(null));
    }

    private ChatCompletion.Choice choice(int index, WholeText.Choice choice) {
        OutputFields output = request.output();
        return new ChatCompletion.Choice(index, new ChatCompletion.Message("assistant", choice.text(), null, annotations(choice.text())),
                request.logprobs().isPresent() ? Logprobs.chat(choice.tokens(), output.tokensAsIds()) : null,
                choice.end().kind().finishReason(), Answer.stopReason(choice.end()), output.returnTokenIds() ? Answer.ids(choice.tokens()) : null,
                output.promptLogprobs().isPresent() ? Logprobs.prompt(choice.promptScores()) : null);
    }

    private List<Sources.Annotation> annotations(String text) {
        return sources.map(known -> known.annotations(text)).orElse(List.of());
    }

    @Override
    public ObjectWriter writer() {
        return WRITER;
    }

    @Override
    public List<Object> open(Object usage) {
        List<Integer> promptIds = request.output().returnTokenIds() ? Vocabulary.list(running.promptOf(0).ids()) : null;
        return IntStream.range(0, running.choices())
                .mapToObj(i -> (Object) chunk(List.of(new ChatChunk.Choice(i, OPENING, null, null, null, null)), usage, i == 0 ? promptIds : null,
                        i == 0 ? sources.map(Sources::report).orElse(null) : null))
                .toList();
    }

    @Override
    public List<Object> promptScores(int choice, TextEvent.PromptScores scores, Object usage) {
        return List.of();
    }

    @Override
    public List<Object> delta(int choice, TextEvent.Delta delta, Object usage) {
        if (sources.isPresent()) {
            written.get(choice).append(delta.text());
        }
        boolean scored = request.logprobs().isPresent();
        boolean ids = request.output().returnTokenIds();
        if (delta.text().isEmpty() && (delta.tokens().isEmpty() || !scored && !ids)) {
            return List.of();
        }
        return List.of(chunk(List.of(new ChatChunk.Choice(choice, new ChatChunk.Text(delta.text()),
                scored ? Logprobs.chat(delta.tokens(), request.output().tokensAsIds()) : null, null, null, ids ? Answer.ids(delta.tokens()) : null)),
                usage, null, null));
    }

    @Override
    public List<Object> beforeEnd(int choice, Object usage) {
        List<Sources.Annotation> annotations = annotations(written.get(choice).toString());
        return annotations.isEmpty() ? List.of()
                : List.of(chunk(List.of(new ChatChunk.Choice(choice, new ChatChunk.Annotations(annotations), null, null, null, null)), usage, null, null));
    }

    @Override
    public Object end(int choice, TextEvent.End end, Object usage) {
        return chunk(List.of(new ChatChunk.Choice(choice, NOTHING, null, end.kind().finishReason(), Answer.orJsonNull(Answer.stopReason(end)), null)),
                usage, null, null);
    }

    @Override
    public Object usage(Usage usage) {
        return chunk(List.of(), usage, null, null);
    }

    private ChatChunk chunk(List<ChatChunk.Choice> choices, Object usage, List<Integer> promptIds, Sources.Report report) {
        return new ChatChunk(answer.id(), "chat.completion.chunk", answer.created(), answer.model(), null, choices, usage, promptIds, report);
    }
}
