package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.terminal.TrustedCertificates;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server with a certificate that it has signed itself, and the clients that know it.
@Timeout(180)
class TlsIT {
    private static final String ALICE = "alice-key-0123456789";
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static Process server;
    private static String url;

    @BeforeAll
    static void start() throws Exception {
        makeCertificate();
        int port = freePort();
        int probes = freePort();
        url = "https://localhost:" + port;
        var launcher = PackagedServer.launcher(List.of("serve", "--port", String.valueOf(port), "--management-port", String.valueOf(probes), "--data",
                folder.resolve("data").toString(), "--tls-certificate", folder.resolve("cert.pem").toString(), "--tls-key", folder.resolve("key.pem").toString(), "--cors-origins", "https://app.example"));
        launcher.environment().putAll(Map.of("LORIKEET_API_KEYS", "alice:" + ALICE, "LORIKEET_KEY_REQUESTS_PER_MINUTE", "2"));
        server = launcher.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        try (var http = HttpClient.newHttpClient()) {
            while (!isReady(http, probes)) {
                assertThat(server.waitFor(50, TimeUnit.MILLISECONDS)).as(() -> log()).isFalse();
            }
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.destroy();
        server.waitFor();
    }

    private static String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean isReady(HttpClient http, int port) throws InterruptedException {
        try {
            var probe = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/q/health/ready")).build();
            return http.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false; // It does not listen yet.
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void makeCertificate() throws Exception {
        Path store = folder.resolve("store.p12");
        var keytool = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
                "san=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", new String(PASSWORD));
        assertThat(keytool.inheritIO().start().waitFor()).isZero();
        var made = KeyStore.getInstance(store.toFile(), PASSWORD);
        write("cert.pem", "CERTIFICATE", made.getCertificate("server").getEncoded());
        write("key.pem", "PRIVATE KEY", made.getKey("server", PASSWORD).getEncoded());
    }

    private static void write(String file, String what, byte[] der) throws IOException {
        Files.writeString(folder.resolve(file), "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what + "-----\n");
    }

    private static HttpClient client(HttpClient.Version version) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {TrustedCertificates.of(folder.resolve("cert.pem")).manager()}, null);
        return HttpClient.newBuilder().version(version).sslContext(context).build();
    }

    private static HttpResponse<String> tokenize(HttpClient client, String key, byte[] body) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(url + "/tokenize")).header("Authorization", "Bearer " + key).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void bothVersionsOfHttpCarryAnswersAndRefusals() throws Exception {
        byte[] body = "{\"model\": \"demo\", \"prompt\": \"a\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (var version : List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
            try (var client = client(version)) {
                var wrong = tokenize(client, "wrong-key-0123456789", body);
                assertThat(wrong.version()).isEqualTo(version);
                assertThat(wrong.headers().firstValue("connection").isPresent()).isEqualTo(version == HttpClient.Version.HTTP_1_1);
                assertThat(wrong.statusCode()).isEqualTo(401);
                assertThat(wrong.body()).contains("invalid_api_key");
                assertThat(tokenize(client, ALICE, new byte[20_000_000]).statusCode()).isEqualTo(413);
                // Each version has used one of the two by now, or is the one that finds them used up.
                assertThat(tokenize(client, ALICE, body).statusCode()).isIn(200, 429);
            }
        }
        try (var client = client(HttpClient.Version.HTTP_2)) {
            tokenize(client, ALICE, body);
            var limited = tokenize(client, ALICE, body);
            assertThat(limited.statusCode()).isEqualTo(429);
            assertThat(limited.headers().firstValue("x-ratelimit-remaining-requests")).contains("0");
            assertThat(limited.headers().firstValue("retry-after")).isPresent();
            // Nobody is served in clear.
            var clear = HttpRequest.newBuilder(URI.create(url.replace("https:", "http:") + "/health")).build();
            assertThatThrownBy(() -> client.send(clear, HttpResponse.BodyHandlers.ofString())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void pagesOfTheNamedOriginsMayAskAndNoOthers() throws Exception {
        try (var client = client(HttpClient.Version.HTTP_2)) {
            var allowed = ask(client, "OPTIONS", "https://app.example");
            assertThat(allowed.statusCode()).isEqualTo(200);
            assertThat(allowed.headers().firstValue("access-control-allow-origin")).contains("https://app.example");
            assertThat(allowed.headers().firstValue("access-control-allow-headers").orElse("")).contains("authorization");
            assertThat(ask(client, "GET", "https://app.example").headers().firstValue("access-control-expose-headers").orElse("")).contains("x-ratelimit-remaining-requests");
            for (String method : List.of("OPTIONS", "GET")) {
                var other = ask(client, method, "https://other.example");
                assertThat(other.statusCode()).isEqualTo(403);
                assertThat(other.headers().firstValue("access-control-allow-origin")).isEmpty();
            }
        }
    }

    private static HttpResponse<String> ask(HttpClient client, String method, String origin) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(url + "/v1/models")).header("Authorization", "Bearer " + ALICE).header("Origin", origin)
                .header("Access-Control-Request-Method", "GET").header("Access-Control-Request-Headers", "authorization")
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
    }

    private record Ended(int status, String out, String err) {}

    private static Ended ps(String... options) throws Exception {
        var arguments = new java.util.ArrayList<>(List.of("ps"));
        arguments.addAll(List.of(options));
        var launcher = PackagedServer.launcher(arguments);
        launcher.environment().put("LORIKEET_API_KEY", ALICE);
        var process = launcher.redirectError(folder.resolve("err").toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out, Files.readString(folder.resolve("err")));
    }

    @Test
    void theTerminalTrustsTheCertificateThatItIsGivenAndElseSaysWhatToDo() throws Exception {
        String certificate = folder.resolve("cert.pem").toString();
        assertThat(ps("--url", url, "--tls-ca", certificate).out()).contains("demo", "loaded");
        var unknown = ps("--url", url);
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err()).contains("has a certificate that is not trusted here", "--tls-ca FILE").doesNotContain("PKIX");
        var clear = ps("--url", url.replace("https:", "http:"));
        assertThat(clear.status()).isEqualTo(1);
        assertThat(clear.err()).contains("if it speaks HTTPS, give --url https://");
        var name = ps("--url", url.replace("localhost", "127.0.0.1"), "--tls-ca", certificate);
        assertThat(name.status()).isEqualTo(1);
        assertThat(name.err()).contains("is for another name than that");
        for (var wrong : List.of(ps("--tls-ca", certificate), ps("--url", url, "--tls-ca", folder.resolve("nowhere").toString()), ps("--url", url, "--tls-ca", "pom.xml"))) {
            assertThat(wrong.status()).as(wrong.err()).isEqualTo(2);
            assertThat(wrong.err()).doesNotContain("\tat ").contains("lorikeet ps: ");
        }
    }
}
