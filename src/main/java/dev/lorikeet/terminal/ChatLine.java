package dev.lorikeet.terminal;

/// A line that was typed into a conversation.
sealed interface ChatLine {
    /// Nothing but blanks.
    record Blank() implements ChatLine {}

    /// To the model.
    record Question(String text) implements ChatLine {}

    /// @param argument empty if there is none
    record Told(SlashCommand command, String argument) implements ChatLine {}

    /// It looks like a command and is none.
    record Unknown(String word) implements ChatLine {}

    static ChatLine parse(String line) {
        if (line.isBlank()) {
            return new Blank();
        }
        if (!line.startsWith("/")) {
            return new Question(line.strip());
        }
        String[] words = line.strip().split("\\s+", 2);
        return SlashCommand.ofWord(words[0]).<ChatLine>map(command -> new Told(command, words.length == 1 ? "" : words[1])).orElseGet(() -> new Unknown(words[0]));
    }
}
