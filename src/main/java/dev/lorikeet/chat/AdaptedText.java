package dev.lorikeet.chat;

import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// A base model's text as the folder of an adapter changes it: with its tokenizer, its chat template, its end tokens. What the folder
/// does not have, or has as the base has it, is the base's own and costs nothing.
///
/// @param own files in the place of the base's, to be closed @param ownTokenizer, ownTemplate whether these differ from the base's
public record AdaptedText(TextModel model, boolean ownTokenizer, boolean ownTemplate, Optional<ModelText> own) implements AutoCloseable {

    /// @param ends tokens that end a text besides those that the files name
    static AdaptedText of(LoadedTextModel base, Path folder, Set<Integer> ends) {
        Path baseFolder = base.text().folder();
        boolean tokenizer = Files.exists(folder.resolve("tokenizer.json")) && !sameFile(folder, baseFolder, "tokenizer.json");
        boolean template = ChatTemplate.isIn(folder) && !ChatTemplate.sha256(folder).equals(base.templateSha256());
        if (!tokenizer && !template) {
            var text = base.text();
            return new AdaptedText(ends.isEmpty() ? base : new LoadedTextModel(text.endingWith(ends), base.generator(), base.embeddingRows()), false, false,
                    Optional.empty());
        }
        // A template says which tokens are control tokens, so that another template has a tokenizer of its own.
        var own = ModelText.load(new ModelText.Folders(tokenizer ? folder : baseFolder, template ? folder : baseFolder, baseFolder), new JinjaLanguage());
        try {
            var all = new LinkedHashSet<>(base.defaults().endTokenIds());
            all.addAll(ends);
            return new AdaptedText(own.endingWith(tokenizer ? ends : all).with(base.generator(), base.embeddingRows()), tokenizer, template, Optional.of(own));
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    private static boolean sameFile(Path folder, Path other, String name) {
        try {
            return Files.mismatch(folder.resolve(name), other.resolve(name)) < 0;
        } catch (IOException e) {
            throw new BadFileException(folder.resolve(name), "cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        own.ifPresent(ModelText::close);
    }
}
