package dev.lorikeet.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/// What a template wrote: the text, where each part of it came from, and what its `generation` blocks wrote.
///
/// `generated` holds ranges of `text`, in order and apart from each other.
public record Rendered(String text, List<Segment> segments, List<Range> generated) {
    /// Characters `start` to `end` of the text, the end not included.
    public record Range(int start, int end) {}

    public Rendered {
        segments = List.copyOf(segments);
        generated = List.copyOf(generated);
    }

    static Rendered of(Text text) {
        List<Segment> segments = new ArrayList<>();
        List<Range> generated = new ArrayList<>();
        int segmentStart = 0;
        int runStart = 0;
        for (int run = 0; run < text.runCount(); run++) {
            int end = text.runEnd(run);
            int mark = text.runMark(run);
            boolean last = run + 1 == text.runCount();
            if (last || Text.originOf(text.runMark(run + 1)) != Text.originOf(mark)) {
                if (end > segmentStart) {
                    segments.add(new Segment(text.string.substring(segmentStart, end), Text.originOf(mark)));
                }
                segmentStart = end;
            }
            if (Text.isGenerated(mark)) {
                boolean joins = !generated.isEmpty() && generated.getLast().end() == runStart;
                int start = joins ? generated.removeLast().start() : runStart;
                generated.add(new Range(start, end));
            }
            runStart = end;
        }
        return new Rendered(text.string, segments, generated);
    }
}
