package dev.lorikeet.chat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Turns tokens into text as they come: whole characters only, at a cost per token that does not grow with the text.
///
/// The pieces of all tokens and of [#finish] add up to [Tokenizer#decode] of all of them. That law is why a run of
/// byte-fallback tokens (`<0xEC><0x95><0x88>`) waits for its end: one byte of it that is no UTF-8 makes every byte of the run U+FFFD.
public final class Detokenizer {
    /// Text that is final. @param tokens how many tokens of the sequence it takes to know it
    public record Piece(String text, int tokens) {}

    private final Vocabulary vocabulary;
    private final TokenDecoder decoder;
    private final boolean skipSpecialTokens;
    private final StringBuilder joined = new StringBuilder();
    private final Utf8Stream utf8 = new Utf8Stream(joined);
    private final ByteArrayOutputStream run = new ByteArrayOutputStream();
    private int[] runTokens = new int[16];
    private int tokens;
    private boolean first = true;
    private int toStrip;

    Detokenizer(Vocabulary vocabulary, TokenDecoder decoder, boolean skipSpecialTokens) {
        this.vocabulary = vocabulary;
        this.decoder = decoder;
        this.skipSpecialTokens = skipSpecialTokens;
        toStrip = decoder.leadingStrip().count();
    }

    /// The text that has become final with this token.
    public List<Piece> push(int id) {
        tokens++;
        Optional<String> token = vocabulary.token(id);
        if (token.isEmpty() || skipSpecialTokens && vocabulary.isSpecial(id)) {
            return List.of();
        }
        String name = decoder.decodedName(token.get(), first);
        first = false;
        return switch (decoder.joining()) {
            case BYTE_LEVEL -> {
                for (byte b : TokenDecoder.byteLevel(name)) {
                    utf8.push(b);
                }
                yield piece(tokens);
            }
            case BYTE_FALLBACK -> withFallback(name);
            case TEXT -> {
                joined.append(name);
                yield piece(tokens);
            }
        };
    }

    /// Ends the text; bytes that never became a character are U+FFFD.
    public List<Piece> finish() {
        List<Piece> pieces = new ArrayList<>();
        endRun(pieces);
        utf8.finish();
        pieces.addAll(piece(tokens));
        return pieces;
    }

    /// How many tokens are settled: whatever text is still to come completes with a later one.
    public int settled() {
        return run.size() == 0 ? tokens : runTokens[0] - 1;
    }

    private List<Piece> withFallback(String name) {
        int value = TokenDecoder.fallbackByte(name);
        if (value >= 0) {
            if (run.size() == runTokens.length) {
                runTokens = Arrays.copyOf(runTokens, 2 * runTokens.length);
            }
            runTokens[run.size()] = tokens;
            run.write(value);
            return List.of();
        }
        List<Piece> pieces = new ArrayList<>();
        endRun(pieces);
        joined.append(name);
        pieces.addAll(piece(tokens));
        return pieces;
    }

    private void endRun(List<Piece> pieces) {
        byte[] bytes = run.toByteArray();
        boolean valid = isUtf8(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (valid) {
                utf8.push(bytes[i]);
            } else {
                joined.append('\uFFFD');
            }
            pieces.addAll(piece(runTokens[i]));
        }
        run.reset();
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }

    private List<Piece> piece(int at) {
        String text = decoder.replaced(joined.toString());
        joined.setLength(0);
        int from = 0;
        while (toStrip > 0 && from < text.length()) {
            if (text.charAt(from) == decoder.leadingStrip().content()) {
                from++;
                toStrip--;
            } else {
                toStrip = 0;
            }
        }
        return from == text.length() ? List.of() : List.of(new Piece(text.substring(from), at));
    }
}
