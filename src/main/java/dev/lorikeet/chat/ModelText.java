package dev.lorikeet.chat;

import dev.lorikeet.engine.Generator;
import dev.lorikeet.store.BadFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// What a model folder says about text: tokenizer, chat template, generation defaults. Everything of a model but its weights.
public final class ModelText implements AutoCloseable {
    private final Folders folders;
    private final ModelTokenizer tokenizer;
    private final ChatTemplate template;
    private final GenerationDefaults defaults;

    /// Where the files are: one folder for a model; those of an adapter may be elsewhere than those of its base.
    record Folders(Path tokenizer, Path template, Path defaults) {}

    private ModelText(Folders folders, ModelTokenizer tokenizer, ChatTemplate template, GenerationDefaults defaults) {
        this.folders = folders;
        this.tokenizer = tokenizer;
        this.template = template;
        this.defaults = defaults;
    }

    /// Reads the folder's files.
    ///
    /// @throws BadFileException naming the file and the field that cannot be used
    public static ModelText load(Path folder) {
        return load(folder, new JinjaLanguage());
    }

    static ModelText load(Path folder, TemplateLanguage language) {
        return load(new Folders(folder, folder, folder), language);
    }

    static ModelText load(Folders folders, TemplateLanguage language) {
        ChatTemplate template = ChatTemplate.of(folders.template(), NamedTokens.of(folders.tokenizer()), language);
        ModelTokenizer tokenizer = ModelTokenizer.open(folders.tokenizer(), template::mentions);
        try {
            Set<Integer> ends = new LinkedHashSet<>();
            tokenizer.eosId().ifPresent(ends::add);
            turnEnd(template, tokenizer).ifPresent(ends::add);
            return new ModelText(folders, tokenizer, template, GenerationDefaultsReader.read(folders.defaults(), ends));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    // The token that the template writes right after what the assistant says. Ids differ between relatives (107 ends a turn of
    // Gemma 2 and is a line break in Gemma 3), so the template is asked.
    private static OptionalInt turnEnd(ChatTemplate template, ModelTokenizer tokenizer) {
        String answer = "lorikeet";
        var chat = new ChatPrompt(List.of(Map.of("role", "user", "content", "parrot"), Map.of("role", "assistant", "content", answer)),
                List.of(), List.of(), false, false, Map.of(), Optional.empty());
        List<Segment> segments;
        try {
            segments = template.render(chat);
        } catch (TemplateRefusal _) {
            return OptionalInt.empty();
        }
        for (int i = 0; i + 1 < segments.size(); i++) {
            if (!segments.get(i).trusted() && segments.get(i).text().endsWith(answer) && segments.get(i + 1).trusted()) {
                OptionalInt id = tokenizer.leadingControlToken(segments.get(i + 1).text());
                return id.equals(tokenizer.bosId()) && !id.equals(tokenizer.eosId()) ? OptionalInt.empty() : id;
            }
        }
        return OptionalInt.empty();
    }

    public ModelTokenizer tokenizer() {
        return tokenizer;
    }

    public GenerationDefaults defaults() {
        return defaults;
    }

    /// The same tokenizer and template, where further tokens end a text. Either of the two may be closed, once.
    ModelText endingWith(Set<Integer> further) {
        return new ModelText(folders, tokenizer, template, defaults.endingWith(further));
    }

    Path folder() {
        return folders.tokenizer();
    }

    ChatTemplate template() {
        return template;
    }

    /// Renders and encodes a whole chat as [TextModel#prompt(ChatPrompt)] does, and finds the assistant's answers in it.
    ///
    /// @throws TemplateRefusal when the template raises or cannot render this chat
    public AnnotatedChat annotate(ChatPrompt chat) {
        List<Segment> segments = template.render(chat);
        TokenOffsets tokens = tokenizer.encodeWithOffsets(segments);
        int shift = tokenizer.missingPrefix(tokens.ids());
        List<AnnotatedChat.Turn> turns = new AnswerFinder(template, defaults.endTokenIds(), chat, segments, tokens).turns().stream()
                .map(turn -> new AnnotatedChat.Turn(turn.message(), turn.from() + shift, turn.to() + shift, turn.ended(), turn.borderMerged())).toList();
        return new AnnotatedChat(ChatTemplate.text(segments), tokenizer.withPrefix(tokens.ids()), turns);
    }

    /// Encodes a prompt and what is to follow it, without a template, as one text.
    public AnnotatedCompletion annotate(List<Segment> prompt, List<Segment> completion) {
        TokenOffsets tokens = tokenizer.encodeWithOffsets(Stream.concat(prompt.stream(), completion.stream()).toList());
        String before = ChatTemplate.text(prompt);
        int from = 0;
        while (from < tokens.count() && tokens.starts()[from] < before.length()) {
            from++;
        }
        boolean merged = from > 0 && tokens.ends()[from - 1] > before.length();
        // A blank in front of a word is part of that word's token, and the word is to be learned.
        if (merged && before.substring(tokens.starts()[from - 1]).isBlank()) {
            from--;
        }
        return new AnnotatedCompletion(tokenizer.withPrefix(tokens.ids()), from + tokenizer.missingPrefix(tokens.ids()), merged);
    }

    /// The whole model, once its engine runs. Closing the result closes this.
    ///
    /// @param embeddingRows tokens that the embedding has rows for
    /// @throws BadFileException when the tokenizer has more tokens than that
    public LoadedTextModel with(Generator generator, int embeddingRows) {
        if (tokenizer.vocabularySize() > embeddingRows) {
            throw new BadFileException(folders.tokenizer().resolve("tokenizer.json"), "has " + tokenizer.vocabularySize() + " tokens, but the model's embedding has "
                    + embeddingRows + " rows; use the tokenizer that the model was trained with, or resize the embedding");
        }
        return new LoadedTextModel(this, generator, embeddingRows);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
