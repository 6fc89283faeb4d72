package dev.lorikeet.api;

import dev.lorikeet.chat.TextModel;
import dev.lorikeet.chat.Tokenizer;
import dev.lorikeet.engine.ContextLengthException;
import dev.lorikeet.registry.ServedModel;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A body of `POST /tokenize`, which is vLLM's or llama.cpp's by the key that holds the text.
record TokenizeRequest(Source source, boolean tokenStrings, boolean pieces) {
    /// What is to be encoded.
    sealed interface Source {
        record Chat(PromptRequest chat) implements Source {}

        /// @param field where the text stood @param recogniseSpecial whether `</s>` in the text is that token
        record Text(String field, String text, boolean addSpecialTokens, boolean recogniseSpecial) implements Source {}
    }

    /// llama.cpp's pair. @param piece a string, or a list of bytes where those are not UTF-8
    public record Piece(int id, Object piece) {}

    static TokenizeRequest read(Fields fields, boolean templatesTrusted) {
        fields.text("model");
        var request = new TokenizeRequest(source(fields, templatesTrusted), fields.flag("return_token_strs", false),
                fields.flag("with_pieces", false));
        FieldPolicy.finish(fields);
        return request;
    }

    private static Source source(Fields fields, boolean templatesTrusted) {
        if (fields.has("messages")) {
            return new Source.Chat(PromptRequest.read(fields, templatesTrusted));
        }
        if (fields.has("content")) {
            return new Source.Text("content", fields.requireText("content"), fields.flag("add_special", false), fields.flag("parse_special", true));
        }
        return new Source.Text("prompt", fields.requireText("prompt"), fields.flag("add_special_tokens", true), true);
    }

    TokenResource.Tokens answer(ServedModel served, Grounder grounder) {
        TextModel model = served.model();
        int[] ids = switch (source) {
            case Source.Chat(PromptRequest chat) -> chat.prompt(served, grounder).ids();
            case Source.Text text -> encode(text, model);
        };
        Tokenizer tokenizer = model.tokenizer();
        List<?> tokens = pieces ? Arrays.stream(ids).mapToObj(id -> new Piece(id, piece(tokenizer.bytes(id)))).toList() : Vocabulary.list(ids);
        return new TokenResource.Tokens(ids.length, model.generator().maxContext(), tokens, tokenStrings ? tokenizer.tokens(ids) : null);
    }

    private static int[] encode(Source.Text source, TextModel model) {
        try {
            return ids(source, model);
        } catch (ContextLengthException e) {
            throw ApiException.invalid(source.field(), "context_length_exceeded", e.getMessage());
        }
    }

    private static int[] ids(Source.Text source, TextModel model) {
        if (source.recogniseSpecial()) {
            return model.prompt(source.text(), source.addSpecialTokens()).ids();
        }
        int[] literal = model.literal(source.text());
        int[] before = source.addSpecialTokens() ? model.prompt("", true).ids() : new int[0];
        return IntStream.concat(Arrays.stream(before), Arrays.stream(literal)).toArray();
    }

    private static Object piece(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            return IntStream.range(0, bytes.length).map(i -> Byte.toUnsignedInt(bytes[i])).boxed().toList();
        }
    }
}
