package dev.lorikeet.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Finds in a rendered chat what the assistant is to write, whatever the template: its characters know their message.
///
/// An answer begins where the generation prompt of the messages before it ends, if the whole chat begins with that prompt. (Templates
/// that treat the last turn otherwise, as those that drop earlier reasoning do, may write the beginning differently; then it begins behind
/// the last header in front of its first character, or else with that character.) It ends with the first end-of-turn token that the
/// template writes behind its last character, or else with that character.
final class AnswerFinder {
    private final ChatTemplate template;
    private final Set<Integer> endTokenIds;
    private final ChatPrompt chat;
    private final String text;
    private final TokenOffsets tokens;
    // The origin of each character.
    private final int[] origins;

    AnswerFinder(ChatTemplate template, Set<Integer> endTokenIds, ChatPrompt chat, List<Segment> segments, TokenOffsets tokens) {
        this.template = template;
        this.endTokenIds = endTokenIds;
        this.chat = chat;
        this.tokens = tokens;
        text = ChatTemplate.text(segments);
        origins = new int[text.length()];
        int at = 0;
        for (Segment segment : segments) {
            Arrays.fill(origins, at, at + segment.text().length(), segment.origin());
            at += segment.text().length();
        }
    }

    List<AnnotatedChat.Turn> turns() {
        List<AnnotatedChat.Turn> turns = new ArrayList<>();
        for (int i = 0; i < chat.messages().size(); i++) {
            if ("assistant".equals(chat.messages().get(i).get("role"))) {
                turn(i).ifPresent(turns::add);
            }
        }
        turns.sort(Comparator.comparingInt(AnnotatedChat.Turn::from));
        return turns;
    }

    private Optional<AnnotatedChat.Turn> turn(int message) {
        OptionalInt prompt = lengthIfPrefix(rendered(message, true));
        OptionalInt through = lengthIfPrefix(rendered(message + 1, false));
        OptionalInt written = next(message, prompt.orElse(0), through.orElse(text.length()));
        if (written.isEmpty()) {
            // As with an empty answer: only its end may be there.
            return prompt.isPresent() && through.isPresent()
                    ? tokens(message, new Place(prompt.getAsInt(), prompt.getAsInt(), prompt.getAsInt(), through.getAsInt())) : Optional.empty();
        }
        int first = written.getAsInt();
        boolean continuous = prompt.isPresent() && foreign(message, prompt.getAsInt()) > first;
        int limit = Math.min(through.orElse(text.length()), foreign(message, first));
        // What closes a call is the template's, but the assistant has to write it.
        boolean closing = chat.messages().get(message).get("tool_calls") != null && through.isPresent() && limit == through.getAsInt();
        int unended = closing ? ChatTemplate.strippedEnd(text, limit) : behindLast(message, first, limit);
        return tokens(message, new Place(continuous ? prompt.getAsInt() : behindHeader(message, first), first, unended, limit));
    }

    /// Characters of an answer. @param start behind the generation prompt @param first its own first character
    /// @param unended where it ends if no end-of-turn token follows @param limit where such a token is looked for no more
    private record Place(int start, int first, int unended, int limit) {}

    private Optional<AnnotatedChat.Turn> tokens(int message, Place place) {
        int from = 0;
        boolean merged = false;
        while (from < tokens.count() && tokens.starts()[from] < place.start()) {
            merged = tokens.ends()[from++] > place.start();
        }
        int to = from;
        for (int t = from; t < tokens.count() && tokens.starts()[t] < place.limit(); t++) {
            if (tokens.starts()[t] >= place.first() && origins[tokens.starts()[t]] == 0 && endTokenIds.contains(tokens.ids()[t])) {
                return Optional.of(new AnnotatedChat.Turn(message, from, t + 1, true, merged));
            }
            to = tokens.starts()[t] < place.unended() ? t + 1 : to;
        }
        return from < to ? Optional.of(new AnnotatedChat.Turn(message, from, to, false, merged)) : Optional.empty();
    }

    // The first character of the message in that range.
    private OptionalInt next(int message, int from, int to) {
        for (int i = from; i < to; i++) {
            if (origins[i] == Segment.ofMessage(message)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    // The place behind the message's last character in that range.
    private int behindLast(int message, int from, int to) {
        int end = to;
        while (end > from && origins[end - 1] != Segment.ofMessage(message)) {
            end--;
        }
        return end;
    }

    // The first character that came with something else than this message.
    private int foreign(int message, int from) {
        int i = from;
        while (i < text.length() && (origins[i] == 0 || origins[i] == Segment.ofMessage(message))) {
            i++;
        }
        return i;
    }

    // The place behind the last generation prompt in the template's text in front of `first`.
    private int behindHeader(int message, int first) {
        int begin = first;
        while (begin > 0 && origins[begin - 1] == 0) {
            begin--;
        }
        Optional<String> without = rendered(message, false);
        Optional<String> with = rendered(message, true);
        if (with.isEmpty() || without.isEmpty() || !with.get().startsWith(without.get()) || with.get().equals(without.get())) {
            return blanksBefore(begin, first);
        }
        String header = with.get().substring(without.get().length());
        int found = text.substring(begin, first).lastIndexOf(header);
        return found < 0 ? blanksBefore(begin, first) : begin + found + header.length();
    }

    // A blank in front of a word is part of that word's token.
    private int blanksBefore(int begin, int first) {
        int at = first;
        while (at > begin && text.charAt(at - 1) == ' ') {
            at--;
        }
        return at;
    }

    private Optional<String> rendered(int messages, boolean generationPrompt) {
        List<Map<String, Object>> some = chat.messages().subList(0, messages);
        try {
            return Optional.of(ChatTemplate.text(template.render(new ChatPrompt(some, chat.tools(), chat.documents(), generationPrompt, false, chat.kwargs(),
                    chat.template()))));
        } catch (TemplateRefusal _) {
            return Optional.empty();
        }
    }

    private OptionalInt lengthIfPrefix(Optional<String> prefix) {
        return prefix.isPresent() && text.startsWith(prefix.get()) ? OptionalInt.of(prefix.get().length()) : OptionalInt.empty();
    }
}
