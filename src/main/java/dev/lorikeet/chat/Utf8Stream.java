package dev.lorikeet.chat;

/// Decodes UTF-8 byte by byte. A maximal ill-formed stretch becomes one U+FFFD, as the Unicode standard advises and the
/// `tokenizers` library does; the JDK's decoder differs on encoded surrogates.
final class Utf8Stream {
    private final StringBuilder out;
    private int codePoint;
    private int missing;
    private int lower = 0x80;
    private int upper = 0xBF;

    Utf8Stream(StringBuilder out) {
        this.out = out;
    }

    /// The text of a byte string.
    static String decode(byte[] bytes) {
        var stream = new Utf8Stream(new StringBuilder());
        for (byte b : bytes) {
            stream.push(b);
        }
        stream.finish();
        return stream.out.toString();
    }

    void push(byte value) {
        int b = value & 0xFF;
        if (missing > 0) {
            if (b >= lower && b <= upper) {
                proceed(b);
                return;
            }
            missing = 0;
            out.append('\uFFFD');
        }
        begin(b);
    }

    /// Ends the text: an unfinished character becomes U+FFFD.
    void finish() {
        if (missing > 0) {
            missing = 0;
            out.append('\uFFFD');
        }
    }

    private void proceed(int b) {
        lower = 0x80;
        upper = 0xBF;
        codePoint = codePoint << 6 | b & 0x3F;
        if (--missing == 0) {
            out.appendCodePoint(codePoint);
        }
    }

    private void begin(int b) {
        lower = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
        upper = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            expect(1, b & 0x1F);
        } else if (b >= 0xE0 && b <= 0xEF) {
            expect(2, b & 0x0F);
        } else if (b >= 0xF0 && b <= 0xF4) {
            expect(3, b & 0x07);
        } else {
            out.append('\uFFFD');
        }
    }

    private void expect(int count, int bits) {
        missing = count;
        codePoint = bits;
    }
}
