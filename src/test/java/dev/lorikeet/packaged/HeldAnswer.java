package dev.lorikeet.packaged;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A server that begins an answer and never ends it: it sends the first part at once, and then waits until the client leaves.
final class HeldAnswer implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 8, InetAddress.getByName("localhost"));
    private final CountDownLatch left = new CountDownLatch(1);
    private final String models;
    private final String part;

    /// @param models what every GET is answered with @param part the beginning of a stream of events, for every POST
    HeldAnswer(String models, String part) throws IOException {
        this.models = models;
        this.part = part;
        Thread.ofVirtual().name("held-answer").start(this::accept);
    }

    String url() {
        return "http://localhost:" + listening.getLocalPort();
    }

    boolean isLeft() {
        return left.getCount() == 0;
    }

    void awaitLeft() throws InterruptedException {
        if (!left.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the client still listens");
        }
    }

    private void accept() {
        try {
            while (true) {
                var socket = listening.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // Closed: the test is over.
        }
    }

    /// One request for each connection.
    private void serve(Socket socket) {
        try (socket; var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            boolean asks = in.readLine().startsWith("POST ");
            int length = 0;
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                length = line.toLowerCase().startsWith("content-length:") ? Integer.parseInt(line.substring(15).strip()) : length;
            }
            for (int read = 0; read < length; read += new String(Character.toChars(in.read())).getBytes(StandardCharsets.UTF_8).length) {
                Thread.onSpinWait();
            }
            send(socket, asks ? "text/event-stream" : "application/json", asks ? part : models);
            if (asks) {
                hold(in);
            }
        } catch (IOException _) {
            // Whoever hangs up in the midst of a request is of no interest.
        }
    }

    private static void send(Socket socket, String type, String body) throws IOException {
        String answer = "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nConnection: close\r\n\r\n" + body;
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /// Nothing more comes from the client but its end.
    private void hold(BufferedReader in) {
        try {
            in.read();
        } catch (IOException _) {
            // It has reset the connection, which is an end too.
        } finally {
            left.countDown();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
