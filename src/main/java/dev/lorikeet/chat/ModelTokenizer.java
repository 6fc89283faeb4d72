package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/// The tokenizer of a model folder. Text goes through the `tokenizers` library, ids to bytes through [TokenDecoder].
///
/// Two instances of the library stand behind it: one as the file says, and one in which control tokens bear [UnforgeableNames].
public final class ModelTokenizer implements Tokenizer, AutoCloseable {
    private final Vocabulary vocabulary;
    private final TokenDecoder decoder;
    private final NativeTokenizer asWritten;
    private final NativeTokenizer guarded;
    private final UnforgeableNames secrets;
    private final TokenTrie addedTokens;
    // Control tokens that the guarded instance yields only where a secret name stands: all but the unknown token.
    private final BitSet fromNamesOnly = new BitSet();
    private final OptionalInt bosId;
    private final OptionalInt eosId;
    private final int[] prefix;

    private ModelTokenizer(Vocabulary vocabulary, TokenDecoder decoder, NativeTokenizer asWritten, NativeTokenizer guarded,
                           UnforgeableNames secrets, NamedTokens named, OptionalInt unknownId) {
        this.vocabulary = vocabulary;
        this.decoder = decoder;
        this.asWritten = asWritten;
        this.guarded = guarded;
        this.secrets = secrets;
        addedTokens = new TokenTrie(vocabulary.added());
        vocabulary.added().stream().filter(token -> secrets.covers(token.content())).forEach(token -> fromNamesOnly.set(token.id()));
        unknownId.ifPresent(fromNamesOnly::clear);
        prefix = addedPrefix();
        OptionalInt namedBos = named.bos().map(vocabulary::id).orElse(OptionalInt.empty());
        bosId = namedBos.isEmpty() && prefix.length == 1 ? OptionalInt.of(prefix[0]) : namedBos;
        eosId = named.eos().map(vocabulary::id).orElse(OptionalInt.empty());
    }

    /// Opens the tokenizer of a model folder. Control tokens are the special ones, those with a role in the folder's other
    /// files, and those for which `alsoControl` holds; runs of blanks never are.
    ///
    /// @throws BadFileException when `tokenizer.json` is missing or cannot be used
    public static ModelTokenizer open(Path folder, Predicate<String> alsoControl) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.exists(file)) {
            throw new BadFileException(file, "is missing; a SentencePiece tokenizer.model can be converted with transformers: "
                    + "AutoTokenizer.from_pretrained(folder).save_pretrained(folder)");
        }
        String source = text(file);
        // Two threads, since a large vocabulary takes the library a second.
        CompletableFuture<NativeTokenizer> asWritten = CompletableFuture.supplyAsync(() -> new NativeTokenizer(source));
        try {
            JsonFile json = JsonFile.read(file);
            Vocabulary vocabulary = Vocabulary.of(json);
            NamedTokens named = NamedTokens.of(folder);
            OptionalInt unknownId = vocabulary.unknownId(json);
            TokenDecoder decoder = TokenDecoder.of(json);
            UnforgeableNames secrets = new UnforgeableNames(controlTokens(vocabulary, named, alsoControl));
            NativeTokenizer guarded = new NativeTokenizer(secrets.rename((ObjectNode) json.root()));
            try {
                return new ModelTokenizer(vocabulary, decoder, asWritten.join(), guarded, secrets, named, unknownId);
            } catch (RuntimeException e) {
                guarded.close();
                throw e;
            }
        } catch (BadFileException e) {
            asWritten.thenAccept(NativeTokenizer::close);
            throw e;
        } catch (RuntimeException e) {
            asWritten.thenAccept(NativeTokenizer::close);
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            throw new BadFileException(file, "is refused by the tokenizers library: " + cause.getMessage(), cause);
        }
    }

    private static Set<String> controlTokens(Vocabulary vocabulary, NamedTokens named, Predicate<String> alsoControl) {
        Set<String> roles = named.all();
        Set<String> control = new HashSet<>();
        for (AddedToken token : vocabulary.added()) {
            if (token.special() || !token.isBlank() && (roles.contains(token.content()) || alsoControl.test(token.content()))) {
                control.add(token.content());
            }
        }
        return control;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    // What the post-processor puts in front of a text.
    private int[] addedPrefix() {
        int[] plain = asWritten.encode("x", false);
        int[] full = asWritten.encode("x", true);
        for (int start = 0; start + plain.length <= full.length; start++) {
            if (Arrays.equals(full, start, start + plain.length, plain, 0, plain.length)) {
                return Arrays.copyOf(full, start);
            }
        }
        return new int[0];
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        return asWritten.encode(text, addSpecialTokens);
    }

    @Override
    public int[] encodeLiteral(String text) {
        return guarded.encode(text, false);
    }

    /// Encodes a rendered prompt as one text; control tokens are recognised in trusted segments only. Where no untrusted
    /// segment spells one, the ids are those of [#encode] without additions.
    public int[] encode(List<Segment> segments) {
        GuardedText prompt = GuardedText.of(segments, addedTokens, secrets, new BitSet());
        int[] ids = guarded.encode(prompt.text(), false);
        List<GuardedText.Occurrence> occurrences = prompt.occurrences();
        boolean countable = occurrences.stream().allMatch(occurrence -> fromNamesOnly.get(occurrence.id()));
        if (countable && Arrays.stream(ids).filter(fromNamesOnly::get).count() == occurrences.size()) {
            return ids;
        }
        // The library does not take every spelling for the token: not inside a word if it is `single_word`, and not glued to a word if it is
        // `normalized` and the normaliser prepends `▁`. Such a spelling is text.
        BitSet missed = prompt.missed(guarded.encodeWithSpans(prompt.text()));
        return guarded.encode(GuardedText.of(segments, addedTokens, secrets, missed).text(), false);
    }

    /// The ids of [#encode(List)], and the place of each in the rendered text.
    TokenOffsets encodeWithOffsets(List<Segment> segments) {
        GuardedText prompt = GuardedText.of(segments, addedTokens, secrets, new BitSet());
        NativeTokenizer.Span[] spans = guarded.encodeWithSpans(prompt.text());
        BitSet missed = prompt.missed(spans);
        if (missed.isEmpty()) {
            return prompt.renderedOffsets(spans);
        }
        GuardedText readable = GuardedText.of(segments, addedTokens, secrets, missed);
        return readable.renderedOffsets(guarded.encodeWithSpans(readable.text()));
    }

    /// The ids with the tokenizer's own prefix (BOS) in front, unless they begin with it.
    public int[] withPrefix(int[] ids) {
        int missing = missingPrefix(ids);
        int[] result = Arrays.copyOf(prefix, missing + ids.length);
        System.arraycopy(ids, 0, result, missing, ids.length);
        return missing == 0 ? ids : result;
    }

    /// How many tokens [#withPrefix] puts in front.
    int missingPrefix(int[] ids) {
        boolean there = ids.length >= prefix.length && Arrays.equals(ids, 0, prefix.length, prefix, 0, prefix.length);
        return there ? 0 : prefix.length;
    }

    /// As [#encode(String, boolean)] with additions, but a text that begins with BOS gets no second one.
    public int[] encodeWithoutDoubledPrefix(String text) {
        int[] ids = asWritten.encode(text, true);
        int n = prefix.length;
        boolean doubled = n > 0 && ids.length >= 2 * n && Arrays.equals(ids, n, 2 * n, prefix, 0, n);
        return doubled ? Arrays.copyOfRange(ids, n, ids.length) : ids;
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        Detokenizer detokenizer = detokenizer(skipSpecialTokens);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            detokenizer.push(id).forEach(piece -> text.append(piece.text()));
        }
        detokenizer.finish().forEach(piece -> text.append(piece.text()));
        return text.toString();
    }

    /// Turns tokens into text one by one; the pieces add up to [#decode].
    public Detokenizer detokenizer(boolean skipSpecialTokens) {
        return new Detokenizer(vocabulary, decoder, skipSpecialTokens);
    }

    @Override
    public String token(int id) {
        return vocabulary.token(id).orElse("");
    }

    @Override
    public byte[] bytes(int id) {
        return vocabulary.token(id).map(decoder::bytes).orElse(new byte[0]);
    }

    @Override
    public boolean isSpecial(int id) {
        return vocabulary.isSpecial(id);
    }

    @Override
    public OptionalInt bosId() {
        return bosId;
    }

    @Override
    public OptionalInt eosId() {
        return eosId;
    }

    /// Characters of the token with the longest name.
    int longestToken() {
        return vocabulary.longest();
    }

    /// The id of a token by its name in the vocabulary.
    public OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    /// The control token with which a trusted text begins, blanks before it aside.
    OptionalInt leadingControlToken(String trusted) {
        for (int i = 0; i < trusted.length(); i++) {
            Optional<AddedToken> token = addedTokens.longestAt(trusted, i);
            if (token.isPresent() && !token.get().isBlank()) {
                return secrets.covers(token.get().content()) ? OptionalInt.of(token.get().id()) : OptionalInt.empty();
            }
            if (!Character.isWhitespace(trusted.charAt(i))) {
                break;
            }
        }
        return OptionalInt.empty();
    }

    @Override
    public void close() {
        asWritten.close();
        guarded.close();
    }
}
