package dev.lorikeet.chat;

/// Tokens and the characters each stands for: `starts[i]` to `ends[i]` of the text, the end not included. The tokens of a character
/// that takes several all have its place.
record TokenOffsets(int[] ids, int[] starts, int[] ends) {
    int count() {
        return ids.length;
    }
}
