package dev.lorikeet.hub;

/// A user's access token. It never shows itself: what prints it prints `hf_…` instead.
public final class HubToken {
    private final String secret;

    /// @throws IllegalArgumentException it holds what no HTTP header can carry
    public HubToken(String secret) {
        if (secret.isEmpty() || !secret.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("the hub's token (HF_TOKEN or the token file) holds blanks or characters outside ASCII; copy it again");
        }
        this.secret = secret;
    }

    String authorization() {
        return "Bearer " + secret;
    }

    /// The text without the token, should somebody have echoed it.
    String hideIn(String text) {
        return text.replace(secret, toString());
    }

    @Override
    public String toString() {
        return "hf_…";
    }
}
