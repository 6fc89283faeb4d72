package dev.lorikeet.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Enumeration;
import java.util.Optional;

/// Reads one body piece by piece, each within the [BodyBudget]. What has been parsed is let go while the rest is.
final class BodyReader {
    /// Bytes of memory for each of a body: 88 MiB were seen for a text of 14, which is read as bytes, parsed as characters of two, built, copied, encoded.
    static final long COPIES = 6;
    /// What an object or array takes in memory beside what it holds, and what a value takes, a name or one end of a string, in bytes.
    private static final long CONTAINER = 160;
    private static final long VALUE = 32;

    private static final int FIRST_PIECE = 1 << 12;
    private static final int PIECE = 1 << 16;
    /// Once a client's patience is over: nobody's line is so slow that a body comes at less.
    private static final long BYTES_PER_SECOND = 1 << 12;

    private final BodyBudget.Hold hold;
    private final long maxBody;
    private final Duration patience;
    private final long began = System.nanoTime();

    /// @param patience how long a body may take, beside the time for its length
    BodyReader(BodyBudget.Hold hold, long maxBody, Duration patience) {
        this.hold = hold;
        this.maxBody = maxBody;
        this.patience = patience;
    }

    /// @throws ApiException the body is too large, too slow, cut off or no JSON object
    Fields read(InputStream in) {
        Deque<byte[]> pieces = pieces(in);
        hold.take(pieces.stream().mapToLong(BodyReader::structure).sum());
        return Json.body(new SequenceInputStream(consumed(pieces)));
    }

    private Deque<byte[]> pieces(InputStream in) {
        Deque<byte[]> pieces = new ArrayDeque<>();
        long length = 0;
        int size = (int) Math.min(FIRST_PIECE, maxBody + 1);
        while (true) {
            hold.take(COPIES * size);
            byte[] piece = piece(in, size, length);
            length += piece.length;
            if (length > maxBody) {
                throw new ApiException(EdgeFilter.tooLarge(maxBody));
            }
            pieces.add(piece);
            if (piece.length < size) {
                return pieces;
            }
            // One byte too many is noticed when it comes, whether or not others follow.
            size = (int) Math.min(PIECE, maxBody + 1 - length);
        }
    }

    /// As many bytes, or fewer at the end of the body.
    private byte[] piece(InputStream in, int size, long before) {
        byte[] piece = new byte[size];
        int filled = 0;
        try {
            while (filled < size) {
                int n = in.read(piece, filled, size - filled);
                if (n < 0) {
                    return Arrays.copyOf(piece, filled);
                }
                filled += n;
                checkPace(before + filled);
            }
            return piece;
        } catch (IOException _) {
            throw new ApiException(new ApiError.Invalid("The body of the request ended before it was complete.", Optional.empty(), Optional.empty()));
        }
    }

    private void checkPace(long received) {
        var allowed = patience.plusSeconds(received / BYTES_PER_SECOND);
        if (System.nanoTime() - began > allowed.toNanos()) {
            throw new ApiException(new ApiError.Protocol(408, "The body of the request comes too slowly: " + received + " bytes in " + allowed.toSeconds() + " s."));
        }
    }

    /// At most what the values of a piece take besides their text; what is only punctuation in a text is counted, too.
    private static long structure(byte[] piece) {
        long bytes = 0;
        for (byte b : piece) {
            bytes += switch (b) {
                case '{', '[' -> CONTAINER;
                case ',', ':', '"' -> VALUE;
                default -> 0;
            };
        }
        return bytes;
    }

    private static Enumeration<InputStream> consumed(Deque<byte[]> pieces) {
        return new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return !pieces.isEmpty();
            }

            @Override
            public InputStream nextElement() {
                return new ByteArrayInputStream(pieces.remove());
            }
        };
    }
}
