package dev.lorikeet.chat.jinja;

/// How much one rendering may use; a template comes from a model's author and is not trusted.
///
/// `steps` counts evaluated nodes plus the work on large values, `depth` nested evaluations,
/// `textLength` the characters of the output and of every string on the way, `items` the elements of every list.
public record RenderLimits(long steps, int depth, int textLength, int items) {
    public static final RenderLimits DEFAULT = new RenderLimits(10_000_000, 1_000, 16 << 20, 1 << 20);

    public RenderLimits {
        if (steps < 1 || depth < 1 || textLength < 1 || items < 1) {
            throw new IllegalArgumentException("every limit is at least 1");
        }
    }
}
