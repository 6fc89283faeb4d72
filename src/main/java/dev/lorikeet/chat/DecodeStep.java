package dev.lorikeet.chat;

/// One decoder of `tokenizer.json` that turns a token's name into text by itself.
sealed interface DecodeStep {
    /// @param first whether this is the first token of the text
    String apply(String token, boolean first);

    /// Replaces a string (a `▁` by a blank, as a rule).
    record Replace(String pattern, String content) implements DecodeStep {
        @Override
        public String apply(String token, boolean first) {
            return token.replace(pattern, content);
        }
    }

    /// `▁` is a blank, but at the very beginning it is nothing.
    record Metaspace(String replacement, boolean dropFirst) implements DecodeStep {
        @Override
        public String apply(String token, boolean first) {
            return token.replace(replacement, first && dropFirst ? "" : " ");
        }
    }

    /// Removes up to `start` leading and `stop` trailing copies of a character.
    record Strip(char content, int start, int stop) implements DecodeStep {
        @Override
        public String apply(String token, boolean first) {
            int from = 0;
            while (from < start && from < token.length() && token.charAt(from) == content) {
                from++;
            }
            int to = token.length();
            while (token.length() - to < stop && to > from && token.charAt(to - 1) == content) {
                to--;
            }
            return token.substring(from, to);
        }
    }

    /// BERT: a token without the prefix begins a word.
    record WordPiece(String prefix, boolean cleanup) implements DecodeStep {
        @Override
        public String apply(String token, boolean first) {
            String text = first ? token : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
            return cleanup ? clean(text) : text;
        }

        private static String clean(String text) {
            return text.replace(" .", ".").replace(" ?", "?").replace(" !", "!").replace(" ,", ",").replace(" ' ", "'")
                    .replace(" n't", "n't").replace(" 'm", "'m").replace(" do not", " don't").replace(" 's", "'s")
                    .replace(" 've", "'ve").replace(" 're", "'re");
        }
    }

    /// No decoder at all: the names of the tokens, with blanks between them.
    record Spaced() implements DecodeStep {
        @Override
        public String apply(String token, boolean first) {
            return first ? token : " " + token;
        }
    }
}
