package dev.lorikeet.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What pages of other sites may do with a server that has no keys, from a browser on its machine.
@QuarkusTest
@TestProfile(ApiProfile.class)
class KeylessSiteTest {
    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    private String send(String method, String path, String headers) throws IOException {
        String body = method.equals("POST") ? "{\"model\": \"demo\"}" : "";
        try (var http = new Http(server)) {
            http.send(method + " " + path + " HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n"
                    + headers.replace("PORT", String.valueOf(server.getPort())).replace("|", "\r\n") + "\r\n\r\n" + body);
            return http.readAll();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:PORT", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", "[::2]"})
    void aNameThatOnlyLeadsHereIsRefusedForReadingToo(String host) throws IOException {
        assertThat(send("GET", "/v1/models", "Host: " + host)).startsWith("HTTP/1.1 403").contains("host_not_allowed");
        assertThat(send("POST", "/models/unload", "Host: " + host)).startsWith("HTTP/1.1 403");
        assertThat(send("GET", "/", "Host: " + host)).startsWith("HTTP/1.1 403");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:PORT", "LOCALHOST:PORT", "127.0.0.1:PORT", "127.9.9.9", "[::1]:PORT", "chat.localhost:PORT"})
    void thisMachinesOwnNamesAreGood(String host) throws IOException {
        assertThat(send("GET", "/v1/models", "Host: " + host)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"Origin: https://evil.example", "Origin: null", "Origin: http://localhost:1", "Origin: http://localhost.evil.example:PORT",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: http://[", "Origin: file://"})
    void aPageOfAnotherSiteMayNotChangeAnything(String header) throws IOException {
        String headers = "Host: localhost:PORT|" + header;
        assertThat(send("POST", "/models/unload", headers)).startsWith("HTTP/1.1 403").contains("cross_site");
        assertThat(send("POST", "/v1/files", headers)).startsWith("HTTP/1.1 403");
        assertThat(send("DELETE", "/v1/files/x", headers)).startsWith("HTTP/1.1 403");
        assertThat(send("POST", "/v1/fine_tuning/jobs/x/cancel", headers)).startsWith("HTTP/1.1 403");
    }

    @Test
    void theServersOwnPageMay() throws IOException {
        assertThat(send("POST", "/models/unload", "Host: localhost:PORT|Origin: http://localhost:PORT|Sec-Fetch-Site: same-origin")).startsWith("HTTP/1.1 200");
    }

    /// Without these headers a browser hides the answer from the page.
    @Test
    void noPageOfAnotherSiteCanReadAnAnswer() throws IOException {
        assertThat(send("GET", "/v1/models", "Host: localhost:PORT|Origin: https://evil.example")).doesNotContainIgnoringCase("access-control-allow");
        assertThat(send("OPTIONS", "/v1/models", "Host: localhost:PORT|Origin: https://evil.example|Access-Control-Request-Method: POST"))
                .doesNotContainIgnoringCase("access-control-allow");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "GZIP, gzip"})
    void aCompressedBodyIsRefusedBeforeItIsRead(String encoding) throws IOException {
        assertThat(send("POST", "/v1/chat/completions", "Host: localhost|Content-Encoding: " + encoding)).startsWith("HTTP/1.1 415").contains("Content-Encoding");
    }
}
