package dev.lorikeet.chat;

import dev.lorikeet.engine.Generator;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A model folder's text files and the engine that runs its weights.
public final class LoadedTextModel implements TextModel, AutoCloseable {
    private final ModelText text;
    private final Generator generator;
    private final int embeddingRows;
    private final LongTexts texts;

    LoadedTextModel(ModelText text, Generator generator, int embeddingRows) {
        this.text = text;
        this.generator = generator;
        this.embeddingRows = embeddingRows;
        this.texts = new LongTexts(() -> generator.maxContext(), text.tokenizer().longestToken());
    }

    @Override
    public ModelTokenizer tokenizer() {
        return text.tokenizer();
    }

    @Override
    public int embeddingRows() {
        return embeddingRows;
    }

    @Override
    public GenerationDefaults defaults() {
        return text.defaults();
    }

    @Override
    public Generator generator() {
        return generator;
    }

    @Override
    public Prompt prompt(ChatPrompt chat) {
        List<Segment> segments = text.template().render(chat);
        String rendered = ChatTemplate.text(segments);
        return new Prompt(rendered, texts.encode(rendered, () -> tokenizer().withPrefix(tokenizer().encode(segments))));
    }

    @Override
    public Prompt prompt(String raw, boolean addSpecialTokens) {
        return new Prompt(raw, texts.encode(raw, () -> addSpecialTokens ? tokenizer().encodeWithoutDoubledPrefix(raw) : tokenizer().encode(raw, false)));
    }

    @Override
    public int[] literal(String raw) {
        return texts.encode(raw, () -> tokenizer().encodeLiteral(raw));
    }

    @Override
    public String templateSha256() {
        return text.template().sha256();
    }

    @Override
    public AdaptedText adapted(Path folder, Set<Integer> endTokenIds) {
        return AdaptedText.of(this, folder, endTokenIds);
    }

    ModelText text() {
        return text;
    }

    @Override
    public TextStream generate(TextRequest request) {
        return new StoppingTextStream(generator.submit(request.generation()), request, tokenizer());
    }

    /// Frees the tokenizer. The engine is its owner's to stop.
    @Override
    public void close() {
        text.close();
    }
}
