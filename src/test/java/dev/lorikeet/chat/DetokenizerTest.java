package dev.lorikeet.chat;

import static dev.lorikeet.chat.TinyTokenizers.DEMO;
import static dev.lorikeet.chat.TinyTokenizers.GEMMA2;
import static dev.lorikeet.chat.TinyTokenizers.METASPACE_FIRST;
import static dev.lorikeet.chat.TinyTokenizers.PREPEND;
import static dev.lorikeet.chat.TinyTokenizers.SENTENCEPIECE_DECODER;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetokenizerTest {
    @TempDir
    Path folder;

    static int[] randomIds(ModelTokenizer tokenizer, Random random) {
        int[] ids = new int[random.nextInt(24)];
        int byteBase = tokenizer.id("<0x00>").orElse(-1);
        for (int i = 0; i < ids.length; i++) {
            boolean nearby = random.nextInt(3) == 0;
            ids[i] = byteBase >= 0 && random.nextBoolean() ? byteBase + random.nextInt(256)
                    : random.nextInt(nearby ? Math.min(400, tokenizer.vocabularySize()) : tokenizer.vocabularySize());
        }
        return ids;
    }

    static String streamed(ModelTokenizer tokenizer, int[] ids, boolean skip) {
        Detokenizer detokenizer = tokenizer.detokenizer(skip);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            for (Detokenizer.Piece piece : detokenizer.push(id)) {
                assertWholeCharacters(piece.text());
                text.append(piece.text());
            }
        }
        detokenizer.finish().forEach(piece -> text.append(piece.text()));
        return text.toString();
    }

    private static void assertWholeCharacters(String text) {
        assertThat(text).isNotEmpty();
        assertThat(Character.isLowSurrogate(text.charAt(0))).isFalse();
        assertThat(Character.isHighSurrogate(text.charAt(text.length() - 1))).isFalse();
    }

    private static void assertStreamsLikeTheLibrary(ModelTokenizer tokenizer, Path folder) {
        Random random = new Random(3);
        try (NativeTokenizer library = TinyTokenizers.library(folder)) {
            for (int round = 0; round < 3000; round++) {
                int[] ids = randomIds(tokenizer, random);
                boolean skip = random.nextBoolean();
                String whole = library.decode(ids, skip);
                assertThat(streamed(tokenizer, ids, skip)).as(Arrays.toString(ids)).isEqualTo(whole);
                assertThat(tokenizer.decode(ids, skip)).isEqualTo(whole);
            }
        }
    }

    private static List<String> pieces(ModelTokenizer tokenizer, int... ids) {
        Detokenizer detokenizer = tokenizer.detokenizer(false);
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(String.join("", detokenizer.push(id).stream().map(Detokenizer.Piece::text).toList()));
        }
        pieces.add(String.join("", detokenizer.finish().stream().map(Detokenizer.Piece::text).toList()));
        return pieces;
    }

    @Test
    void byteLevelTextStreamsAsTheLibraryDecodesIt() {
        for (Path model : List.of(DEMO, GEMMA2)) {
            try (ModelTokenizer tokenizer = ModelTokenizer.open(model, _ -> false)) {
                assertStreamsLikeTheLibrary(tokenizer, model);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        SENTENCEPIECE_DECODER,
        METASPACE_FIRST,
        "{'type':'Metaspace','replacement':'▁','prepend_scheme':'never','split':true}",
        "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},'content':' '},{'type':'ByteFallback'},{'type':'Fuse'}]}",
        "{'type':'Sequence','decoders':[{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Replace','pattern':{'String':'▁'},'content':' '},{'type':'Strip','content':' ','start':2,'stop':0}]}",
        "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},'content':' '},{'type':'Strip','content':' ','start':1,'stop':0}]}",
        "{'type':'WordPiece','prefix':'▁','cleanup':true}",
        "{'type':'Fuse'}"})
    void everySupportedDecoderStreamsAsTheLibraryDecodes(String decoder) {
        try (ModelTokenizer tokenizer = TinyTokenizers.open(folder, TinyTokenizers.sentencePiece(PREPEND, null, decoder))) {
            assertStreamsLikeTheLibrary(tokenizer, folder);
        }
    }

    @Test
    void withoutADecoderTokensAreNamesWithBlanksBetween() {
        try (ModelTokenizer tokenizer = TinyTokenizers.open(folder, TinyTokenizers.sentencePiece(PREPEND, null, null))) {
            assertStreamsLikeTheLibrary(tokenizer, folder);
        }
    }

    @Test
    void aCharacterAppearsWithItsLastByte() {
        try (ModelTokenizer tokenizer = TinyTokenizers.open(folder, TinyTokenizers.parse(
                "{'version':'1.0','added_tokens':[],'decoder':{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true},"
                        + "'model':{'type':'BPE','vocab':{'ì':0,'ķ':1,'Ī':2,'a':3},'merges':[]}}"))) {
            assertThat(pieces(tokenizer, 3, 0, 1, 2, 3)).containsExactly("a", "", "", "안", "a", "");
            assertThat(pieces(tokenizer, 0, 1, 3, 0)).containsExactly("", "", "\uFFFDa", "", "\uFFFD");
        }
    }

    @Test
    void aRunOfFallbackBytesIsAllTextOrNone() {
        try (ModelTokenizer tokenizer = TinyTokenizers.open(folder, TinyTokenizers.sentencePiece(PREPEND, null, SENTENCEPIECE_DECODER))) {
            int base = tokenizer.id("<0x00>").getAsInt();
            int a = tokenizer.id("a").getAsInt();
            assertThat(pieces(tokenizer, a, base + 0xEC, base + 0x95, base + 0x88, a)).containsExactly("a", "", "", "", "안a", "");
            assertThat(pieces(tokenizer, a, base + 0xEC, base + 0x95, base + 0x88, base + 0xEC)).containsExactly("a", "", "", "", "", "\uFFFD".repeat(4));
        }
    }

    @Test
    void invalidUtf8BecomesOneReplacementForEachMaximalPart() {
        byte[] surrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80, 'x', (byte) 0xF0, (byte) 0x9F, (byte) 0x91, 'y', (byte) 0xC0, (byte) 0xE0, (byte) 0x80};
        assertThat(Utf8Stream.decode(surrogate)).isEqualTo("\uFFFD\uFFFD\uFFFDx\uFFFDy\uFFFD\uFFFD\uFFFD");
    }
}
