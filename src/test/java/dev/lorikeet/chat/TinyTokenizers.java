package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/// Model folders with a tokenizer small enough to read.
final class TinyTokenizers {
    static final Path DEMO = Path.of("models/demo");
    static final Path GEMMA2 = Path.of("src/test/resources/fixtures/gemma2");
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Llama 2: `▁` in front of each stretch between special tokens, unknown characters as `<0xAB>`.
    static final String PREPEND = "{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},{'type':'Replace','pattern':{'String':' '},'content':'▁'}]}";
    static final String SENTENCEPIECE_DECODER = "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},'content':' '},"
            + "{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}";
    static final String METASPACE_FIRST = "{'type':'Metaspace','replacement':'▁','prepend_scheme':'first','split':false}";

    private TinyTokenizers() {}

    static ObjectNode sentencePiece(String normalizer, String preTokenizer, String decoder) {
        ObjectNode root = parse("{'version':'1.0','truncation':null,'padding':null,'added_tokens':[],'post_processor':null}");
        root.set("normalizer", parse(normalizer));
        root.set("pre_tokenizer", parse(preTokenizer));
        root.set("decoder", parse(decoder));
        ObjectNode model = root.putObject("model").put("type", "BPE").put("unk_token", "<unk>").put("fuse_unk", true).put("byte_fallback", true);
        ObjectNode vocab = model.putObject("vocab");
        for (String token : List.of("<unk>", "<s>", "</s>")) {
            vocab.put(token, vocab.size());
            addToken(root, vocab.size() - 1, token, false, true);
        }
        for (int b = 0; b < 256; b++) {
            vocab.put("<0x%02X>".formatted(b), vocab.size());
        }
        for (String piece : List.of("▁", "a", "b", "c", "h", "i", "<", "/", "s", ">", "\n", "안", "▁a", "hi", "▁hi", "/s", "/s>", "</s", "<s")) {
            vocab.put(piece, vocab.size());
        }
        var merges = model.putArray("merges");
        for (String merge : List.of("▁ a", "h i", "▁ hi", "/ s", "/s >", "< /s>", "< s", "<s >", "< /s")) {
            merges.add(merge);
        }
        return root;
    }

    static void addToken(ObjectNode root, int id, String content, boolean normalized, boolean special) {
        root.withArray("added_tokens").addObject().put("id", id).put("content", content).put("single_word", false).put("lstrip", false)
                .put("rstrip", false).put("normalized", normalized).put("special", special);
    }

    static ObjectNode parse(String json) {
        try {
            return json == null ? null : (ObjectNode) JSON.readTree(json.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ModelTokenizer open(Path folder, ObjectNode tokenizer) {
        return open(folder, tokenizer, _ -> false);
    }

    static ModelTokenizer open(Path folder, ObjectNode tokenizer, Predicate<String> alsoControl) {
        write(folder.resolve("tokenizer.json"), tokenizer.toString());
        return ModelTokenizer.open(folder, alsoControl);
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the `tokenizers` library itself makes of a tokenizer.json.
    static NativeTokenizer library(Path folder) {
        try {
            return new NativeTokenizer(Files.readString(folder.resolve("tokenizer.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
