package dev.lorikeet.chat;

/// An entry of `added_tokens` in `tokenizer.json`.
///
/// @param name what the token is called when it is decoded: where it is matched in normalised text, `▁<unk>` stands for the blank too
/// @param normalized matched in the normalised text rather than in the text as written
/// @param special hidden by `skip_special_tokens`
record AddedToken(int id, String content, String name, boolean normalized, boolean special) {
    /// Runs of blanks and line breaks: part of the text, whoever wrote them.
    boolean isBlank() {
        return content.replace('▁', ' ').isBlank();
    }
}
