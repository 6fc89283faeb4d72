package dev.lorikeet.hub;

import okhttp3.HttpUrl;

/// What a HEAD on `resolve` tells of a file. @param location where its bytes are, perhaps signed and short-lived
record FileFacts(String commit, String etag, long size, HttpUrl location) {
    @Override
    public String toString() {
        return "FileFacts[" + commit + " " + etag + " " + size + " at " + location.host() + "]";
    }
}
