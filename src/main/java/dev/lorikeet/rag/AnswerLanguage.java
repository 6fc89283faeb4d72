package dev.lorikeet.rag;

import java.lang.Character.UnicodeScript;

/// Tells a model in which language to answer: that of the question, as far as its script shows it.
final class AnswerLanguage {
    private AnswerLanguage() {}

    static String of(String question) {
        if (uses(question, UnicodeScript.HANGUL)) {
            return "Korean";
        }
        if (uses(question, UnicodeScript.HIRAGANA) || uses(question, UnicodeScript.KATAKANA)) {
            return "Japanese";
        }
        return uses(question, UnicodeScript.HAN) ? "Chinese" : "the language of the question";
    }

    private static boolean uses(String text, UnicodeScript script) {
        return text.codePoints().anyMatch(c -> UnicodeScript.of(c) == script);
    }
}
