package dev.lorikeet.chat;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;

/// One instance of the `tokenizers` library. The library's own calls may overlap; only [#close()] waits for those under way.
///
/// DJL's `HuggingFaceTokenizer` copies seven arrays per encoding and turns padding and truncation on by itself, so the
/// library underneath is called directly.
final class NativeTokenizer implements AutoCloseable {
    private static final TokenizersLibrary LIBRARY = load();

    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
    private final long handle;
    private boolean closed;

    NativeTokenizer(String tokenizerJson) {
        handle = LIBRARY.createTokenizerFromString(tokenizerJson);
        LIBRARY.disablePadding(handle);
        LIBRARY.disableTruncation(handle);
    }

    // Where DJL sees a GPU it would fetch a CUDA build of this library from the network; tokenizers gain nothing from one.
    private static TokenizersLibrary load() {
        if (System.getenv("RUST_FLAVOR") == null && System.getProperty("RUST_FLAVOR") == null) {
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        LibUtils.checkStatus();
        return TokenizersLibrary.LIB;
    }

    /// Where a token came from in the text, in code points.
    record Span(int id, int start, int end) {}

    int[] encode(String text, boolean addSpecialTokens) {
        return encoded(text, addSpecialTokens, encoding -> toInts(LIBRARY.getTokenIds(encoding)));
    }

    Span[] encodeWithSpans(String text) {
        return encoded(text, false, encoding -> {
            long[] ids = LIBRARY.getTokenIds(encoding);
            CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
            Span[] result = new Span[ids.length];
            for (int i = 0; i < ids.length; i++) {
                result[i] = spans[i] == null ? new Span((int) ids[i], 0, 0) : new Span((int) ids[i], spans[i].getStart(), spans[i].getEnd());
            }
            return result;
        });
    }

    String decode(int[] ids, boolean skipSpecialTokens) {
        long[] longs = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            longs[i] = ids[i];
        }
        return whileOpen(h -> LIBRARY.decode(h, longs, skipSpecialTokens));
    }

    private <T> T encoded(String text, boolean addSpecialTokens, LongFunction<T> read) {
        String wellFormed = withoutLoneSurrogates(text);
        return whileOpen(h -> {
            long encoding = LIBRARY.encode(h, wellFormed, addSpecialTokens);
            try {
                return read.apply(encoding);
            } finally {
                LIBRARY.deleteEncoding(encoding);
            }
        });
    }

    private <T> T whileOpen(LongFunction<T> call) {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed: its model was unloaded");
            }
            return call.apply(handle);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                LIBRARY.deleteTokenizer(handle);
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private static int[] toInts(long[] ids) {
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = (int) ids[i];
        }
        return result;
    }

    // JSON can carry half a surrogate pair; the JNI layer would then garble every other astral character of the text as well.
    private static String withoutLoneSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return text.codePoints().map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            }
        }
        return text;
    }
}
