package dev.lorikeet.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A connection on which a test sees every byte.
final class Http implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final StringBuilder seen = new StringBuilder();

    Http(URI server) throws IOException {
        socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new java.net.InetSocketAddress(server.getHost(), server.getPort()));
        socket.setSoTimeout(10_000);
        in = socket.getInputStream();
    }

    static Http post(URI server, String path, String json) throws IOException {
        Http http = new Http(server);
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        http.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n" + json);
        return http;
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /// Reads until `text` has come, and answers everything since the beginning (chunk sizes included).
    String readUntil(String text) throws IOException {
        while (seen.indexOf(text) < 0) {
            if (!readSome()) {
                throw new IOException("closed before '" + text + "' came: " + seen);
            }
        }
        return seen.toString();
    }

    /// Reads to the end of the connection.
    String readAll() throws IOException {
        while (readSome()) {
            Thread.onSpinWait();
        }
        return seen.toString();
    }

    Optional<String> header(String name) {
        return seen.toString().lines().filter(line -> line.toLowerCase().startsWith(name.toLowerCase() + ":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst();
    }

    private boolean readSome() throws IOException {
        byte[] bytes = new byte[4096];
        int n = in.read(bytes);
        if (n > 0) {
            seen.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
        }
        return n > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
