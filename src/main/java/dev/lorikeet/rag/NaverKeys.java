package dev.lorikeet.rag;

/// The two keys of an account with NAVER. They are shown to nobody but the provider.
public record NaverKeys(String id, String secret) {
    public NaverKeys {
        if (!isHeader(id) || !isHeader(secret)) {
            throw new IllegalArgumentException("a key for NAVER is empty, or holds characters that no HTTP header can carry");
        }
    }

    private static boolean isHeader(String key) {
        return !key.isBlank() && key.chars().allMatch(c -> c > ' ' && c < 127);
    }

    @Override
    public String toString() {
        return "NaverKeys[…]";
    }
}
