package dev.lorikeet.hub;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okio.Buffer;

/// Where [FakeHub] keeps large files: signed addresses, ranges, uploads whole and in parts. As object stores do, it refuses a request
/// that bears a second credential.
final class FakeStore {
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]*)");

    private final HttpUrl url;
    private final HttpUrl hub;
    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final Map<String, byte[]> parts = new ConcurrentHashMap<>();
    private volatile int signature = 1;
    volatile boolean ignoresRanges;
    /// Larger objects are uploaded in parts of this size.
    volatile int partSize = 1 << 20;

    FakeStore(HttpUrl url, HttpUrl hub) {
        this.url = url;
        this.hub = hub;
    }

    /// Makes every address that was handed out useless.
    void expire() {
        signature++;
    }

    String signed(byte[] content) {
        String sha256 = FakeRepo.sha256(content);
        objects.put(sha256, content);
        return address("object", sha256);
    }

    private String address(String kind, String name) {
        return url.newBuilder().addPathSegments(kind + "/" + name).addQueryParameter("X-Amz-Signature", "secretSignature" + signature).build().toString();
    }

    Optional<byte[]> object(String sha256) {
        return Optional.ofNullable(objects.get(sha256));
    }

    /// What the LFS batch says of an object: nothing to do, one PUT, or one for each part.
    Map<String, Object> uploadOf(String oid, long size) {
        var object = new LinkedHashMap<String, Object>(Map.of("oid", oid, "size", size));
        if (objects.containsKey(oid)) {
            return object;
        }
        var header = new LinkedHashMap<String, String>();
        String href = address("upload", oid);
        if (size > partSize) {
            header.put("chunk_size", String.valueOf(partSize));
            for (int part = 1; (part - 1L) * partSize < size; part++) {
                header.put("%05d".formatted(part), address("part", oid + "/" + part));
            }
            href = hub.newBuilder().addPathSegments("api/complete_multipart").addQueryParameter("uploadId", oid).build().toString();
        }
        object.put("actions", Map.of("upload", Map.of("href", href, "header", header),
                "verify", Map.of("href", hub.newBuilder().addPathSegments("api/verify").build().toString(), "header", Map.of())));
        return object;
    }

    /// Puts the parts together. @return whether these are all, in order, and the whole is what it was said to be
    boolean complete(String oid, com.fasterxml.jackson.databind.JsonNode named) {
        var whole = new Buffer();
        for (int i = 0; i < named.size(); i++) {
            byte[] part = parts.get(oid + "/" + (i + 1));
            if (part == null || named.get(i).path("partNumber").asInt() != i + 1 || !named.get(i).path("etag").asText().equals(partEtag(part))) {
                return false;
            }
            whole.write(part);
        }
        return keep(oid, whole.readByteArray());
    }

    private boolean keep(String oid, byte[] content) {
        if (!FakeRepo.sha256(content).equals(oid)) {
            return false;
        }
        objects.put(oid, content);
        return true;
    }

    private static String partEtag(byte[] part) {
        return "\"" + FakeRepo.sha256(part).substring(0, 32) + "\"";
    }

    MockResponse answer(RecordedRequest request) {
        if (request.getHeaders().get("Authorization") != null) {
            return new MockResponse.Builder().code(400).body("<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>").build();
        }
        if (!("secretSignature" + signature).equals(request.getUrl().queryParameter("X-Amz-Signature"))) {
            return new MockResponse.Builder().code(403).body("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>").build();
        }
        var path = request.getUrl().pathSegments();
        byte[] body = request.getBody() == null ? new byte[0] : request.getBody().toByteArray();
        return switch (request.getMethod() + " " + path.getFirst()) {
            case "GET object" -> download(request, objects.get(path.get(1)));
            case "PUT upload" -> keep(path.get(1), body) ? new MockResponse.Builder().code(200).build() : new MockResponse.Builder().code(400).build();
            case "PUT part" -> {
                parts.put(path.get(1) + "/" + path.get(2), body);
                yield new MockResponse.Builder().code(200).setHeader("ETag", partEtag(body)).build();
            }
            default -> new MockResponse.Builder().code(405).build();
        };
    }

    private MockResponse download(RecordedRequest request, byte[] content) {
        // Of the same shape as a hash, and not the hash.
        var response = new MockResponse.Builder().code(200).setHeader("ETag", "\"" + "e".repeat(64) + "\"");
        return ignoresRanges ? response.body(new Buffer().write(content)).build() : ranged(request, content, response);
    }

    static MockResponse ranged(RecordedRequest request, byte[] content, MockResponse.Builder response) {
        response.setHeader("Accept-Ranges", "bytes").setHeader("Content-Length", content.length);
        if (request.getMethod().equals("HEAD")) {
            return response.build();
        }
        Matcher range = RANGE.matcher(Optional.ofNullable(request.getHeaders().get("Range")).orElse(""));
        if (!range.matches()) {
            return response.body(new Buffer().write(content)).build();
        }
        int from = Integer.parseInt(range.group(1));
        int to = range.group(2).isEmpty() ? content.length - 1 : Math.min(content.length - 1, Integer.parseInt(range.group(2)));
        if (from >= content.length) {
            return response.code(416).setHeader("Content-Range", "bytes */" + content.length).body("").build();
        }
        return response.code(206).setHeader("Content-Range", "bytes " + from + "-" + to + "/" + content.length)
                .body(new Buffer().write(content, from, to - from + 1)).build();
    }
}
