package dev.lorikeet.chat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// A rendered prompt as the guarded tokenizer reads it: control tokens that trusted segments spell bear their secret names.
///
/// @param occurrences where those names stand, in order
record GuardedText(String text, List<Occurrence> occurrences) {
    /// @param renderedLength how long the token's ordinary name is
    record Occurrence(int start, int end, int id, int renderedLength) {
        int shift() {
            return renderedLength - (end - start);
        }
    }

    /// @param ordinary numbers of the occurrences that keep their ordinary name, and so are text
    static GuardedText of(List<Segment> segments, TokenTrie addedTokens, UnforgeableNames secrets, BitSet ordinary) {
        StringBuilder text = new StringBuilder();
        List<Occurrence> occurrences = new ArrayList<>();
        int number = 0;
        for (Segment segment : joined(segments)) {
            int i = 0;
            while (segment.trusted() && i < segment.text().length()) {
                Optional<AddedToken> token = addedTokens.longestAt(segment.text(), i);
                if (token.isEmpty()) {
                    text.append(segment.text().charAt(i++));
                    continue;
                }
                String content = token.get().content();
                i += content.length();
                if (!secrets.covers(content) || ordinary.get(number++)) {
                    text.append(content);
                } else {
                    int start = text.length();
                    text.append(secrets.of(content));
                    occurrences.add(new Occurrence(start, text.length(), token.get().id(), content.length()));
                }
            }
            text.append(segment.text(), i, segment.text().length());
        }
        return new GuardedText(text.toString(), occurrences);
    }

    /// The tokens, and where in the rendered prompt each begins and ends.
    TokenOffsets renderedOffsets(NativeTokenizer.Span[] spans) {
        int[] ids = new int[spans.length];
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        int codePoint = 0;
        int at = 0;
        int passed = 0;
        int shift = 0;
        for (int i = 0; i < spans.length; i++) {
            int start = text.offsetByCodePoints(at, spans[i].start() - codePoint);
            int end = text.offsetByCodePoints(start, spans[i].end() - spans[i].start());
            codePoint = spans[i].start();
            at = start;
            while (passed < occurrences.size() && occurrences.get(passed).end() <= start) {
                shift += occurrences.get(passed++).shift();
            }
            boolean inName = passed < occurrences.size() && occurrences.get(passed).start() < start;
            ids[i] = spans[i].id();
            starts[i] = shift + (inName ? occurrences.get(passed).start() : start);
            ends[i] = rendered(end, passed, shift);
        }
        return new TokenOffsets(ids, starts, ends);
    }

    private int rendered(int end, int from, int shiftBefore) {
        int shift = shiftBefore;
        for (int i = from; i < occurrences.size() && occurrences.get(i).start() < end; i++) {
            shift += occurrences.get(i).shift();
            if (occurrences.get(i).end() > end) {
                return occurrences.get(i).end() + shift;
            }
        }
        return end + shift;
    }

    // A token may be spelled across two segments of the same origin.
    private static List<Segment> joined(List<Segment> segments) {
        List<Segment> joined = new ArrayList<>();
        for (Segment segment : segments) {
            if (!joined.isEmpty() && joined.getLast().trusted() == segment.trusted()) {
                joined.add(new Segment(joined.removeLast().text() + segment.text(), segment.trusted()));
            } else {
                joined.add(segment);
            }
        }
        return joined;
    }

    /// The numbers of the occurrences that the library did not take for their token.
    BitSet missed(NativeTokenizer.Span[] spans) {
        BitSet missed = new BitSet();
        missed.set(0, occurrences.size());
        int next = 0;
        int codePoint = 0;
        int at = 0;
        for (NativeTokenizer.Span span : spans) {
            int start = text.offsetByCodePoints(at, span.start() - codePoint);
            int end = text.offsetByCodePoints(start, span.end() - span.start());
            codePoint = span.start();
            at = start;
            while (next < occurrences.size() && occurrences.get(next).start() < start) {
                next++;
            }
            if (next < occurrences.size()) {
                Occurrence occurrence = occurrences.get(next);
                missed.set(next, missed.get(next) && !(occurrence.end() <= end && occurrence.id() == span.id()));
            }
        }
        return missed;
    }
}
