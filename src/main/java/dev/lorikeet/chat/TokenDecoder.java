package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.JsonFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The `decoder` of `tokenizer.json`, cut into what can be done token by token, what joins bytes to characters, and what
/// happens to the joined text.
///
/// @param steps applied to each token's name
/// @param joining how tokens become characters
/// @param textReplacements applied to the joined text
/// @param leadingStrip characters to remove then, at the very beginning
record TokenDecoder(List<DecodeStep> steps, Joining joining, List<DecodeStep.Replace> textReplacements, LeadingStrip leadingStrip) {
    enum Joining {
        /// Each token is whole text.
        TEXT,
        /// Each character of a token's name stands for one byte (GPT-2).
        BYTE_LEVEL,
        /// Tokens named `<0xAB>` are bytes (SentencePiece); a run of them is a text, or one U+FFFD for each.
        BYTE_FALLBACK
    }

    record LeadingStrip(char content, int count) {}

    private static final int[] GPT2_BYTES = gpt2Bytes();

    static TokenDecoder of(JsonFile tokenizer) {
        var parts = new Parts(tokenizer);
        JsonNode decoder = tokenizer.at("decoder");
        if (decoder.isMissingNode()) {
            parts.steps.add(new DecodeStep.Spaced());
        } else {
            parts.add(decoder);
        }
        return new TokenDecoder(List.copyOf(parts.steps), parts.joining, List.copyOf(parts.replacements), parts.strip);
    }

    /// The bytes of a token in the middle of a text.
    byte[] bytes(String token) {
        String name = decodedName(token, false);
        return switch (joining) {
            case BYTE_LEVEL -> byteLevel(name);
            case BYTE_FALLBACK -> {
                int value = fallbackByte(name);
                yield value < 0 ? replaced(name).getBytes(StandardCharsets.UTF_8) : new byte[] {(byte) value};
            }
            case TEXT -> replaced(name).getBytes(StandardCharsets.UTF_8);
        };
    }

    String decodedName(String token, boolean first) {
        for (DecodeStep step : steps) {
            token = step.apply(token, first);
        }
        return token;
    }

    String replaced(String text) {
        for (DecodeStep.Replace replacement : textReplacements) {
            text = replacement.apply(text, false);
        }
        return text;
    }

    /// A name with a character outside the alphabet (an added token with a blank, say) stands for its own UTF-8.
    static byte[] byteLevel(String name) {
        byte[] bytes = new byte[name.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = name.charAt(i);
            if (c >= GPT2_BYTES.length || GPT2_BYTES[c] < 0) {
                return name.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) GPT2_BYTES[c];
        }
        return bytes;
    }

    /// The value of a `<0xAB>`, or −1 for any other name.
    static int fallbackByte(String name) {
        if (name.length() != 6 || !name.startsWith("<0x") || name.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(name.charAt(3), 16);
        int low = Character.digit(name.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    // Printable Latin-1 stands for itself; the other bytes are numbered from U+0100.
    private static int[] gpt2Bytes() {
        int[] bytes = new int[0x100 + 68];
        Arrays.fill(bytes, -1);
        int next = 0x100;
        for (int b = 0; b < 0x100; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            bytes[printable ? b : next++] = b;
        }
        return bytes;
    }

    /// Collects the decoders of a `Sequence` in order; once tokens are joined, only the text can change.
    private static final class Parts {
        private final JsonFile file;
        private final List<DecodeStep> steps = new ArrayList<>();
        private final List<DecodeStep.Replace> replacements = new ArrayList<>();
        private Joining joining = Joining.TEXT;
        private LeadingStrip strip = new LeadingStrip(' ', 0);
        private boolean fused;

        Parts(JsonFile file) {
            this.file = file;
        }

        void add(JsonNode decoder) {
            String type = decoder.path("type").asText();
            switch (type) {
                case "Sequence" -> decoder.path("decoders").forEach(this::add);
                case "Fuse" -> fused = true;
                case "ByteLevel" -> join(Joining.BYTE_LEVEL, type);
                case "ByteFallback" -> join(Joining.BYTE_FALLBACK, type);
                case "Replace" -> addReplace(decoder);
                case "Strip" -> addStrip(decoder);
                case "Metaspace" -> addStep(new DecodeStep.Metaspace(decoder.path("replacement").asText("▁"), dropsFirst(decoder)), type);
                case "WordPiece" -> addStep(new DecodeStep.WordPiece(decoder.path("prefix").asText("##"), decoder.path("cleanup").asBoolean(true)), type);
                default -> throw unsupported(type);
            }
        }

        private void join(Joining way, String type) {
            if (joining != Joining.TEXT || fused) {
                throw unsupported(type + " in this place");
            }
            joining = way;
            fused = way == Joining.BYTE_LEVEL;
        }

        private void addStep(DecodeStep step, String type) {
            if (joining != Joining.TEXT || fused) {
                throw unsupported(type + " in this place");
            }
            steps.add(step);
        }

        private void addReplace(JsonNode decoder) {
            String pattern = decoder.path("pattern").path("String").asText();
            boolean joined = joining != Joining.TEXT || fused;
            if (pattern.isEmpty() || joined && (pattern.length() > 1 || strip.count() > 0)) {
                throw unsupported("Replace with pattern " + decoder.path("pattern"));
            }
            var replace = new DecodeStep.Replace(pattern, decoder.path("content").asText());
            if (joined) {
                replacements.add(replace);
            } else {
                steps.add(replace);
            }
        }

        private void addStrip(JsonNode decoder) {
            String content = decoder.path("content").asText();
            int start = decoder.path("start").asInt();
            int stop = decoder.path("stop").asInt();
            if (content.length() != 1) {
                throw unsupported("Strip of " + decoder.path("content"));
            }
            if (!fused && joining == Joining.TEXT) {
                steps.add(new DecodeStep.Strip(content.charAt(0), start, stop));
            } else if (fused && stop == 0 && strip.count() == 0) {
                strip = new LeadingStrip(content.charAt(0), start);
            } else {
                throw unsupported("Strip in this place");
            }
        }

        private static boolean dropsFirst(JsonNode decoder) {
            JsonNode scheme = decoder.path("prepend_scheme");
            return scheme.isTextual() ? !scheme.asText().equals("never") : decoder.path("add_prefix_space").asBoolean(true);
        }

        private RuntimeException unsupported(String what) {
            return file.bad("decoder", "uses " + what + ", which is not supported");
        }
    }
}
