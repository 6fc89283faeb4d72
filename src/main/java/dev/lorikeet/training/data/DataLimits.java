package dev.lorikeet.training.data;

/// Bounds on what a file may hold, so that no file fills the memory. @param maxRowBytes of one row
public record DataLimits(int maxRows, int maxRowBytes) {
    public static final DataLimits DEFAULT = new DataLimits(5_000_000, 16 << 20);

    public DataLimits {
        if (maxRows < 1 || maxRowBytes < 1) {
            throw new IllegalArgumentException("limits of " + maxRows + " rows and " + maxRowBytes + " bytes; both must be at least 1");
        }
    }
}
