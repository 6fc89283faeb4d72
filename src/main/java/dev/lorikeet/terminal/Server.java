package dev.lorikeet.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/// A running server, as its clients see it. Its errors become exceptions whose message is what it says.
public final class Server {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final MediaType JSON_TYPE = MediaType.get("application/json");
    /// A request for something that is not there, or not possible; all else may be otherwise the next time.
    private static final Set<Integer> WRONG = Set.of(400, 404, 413, 415, 422);
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    private final HttpUrl url;
    private final Optional<String> key;
    /// How long an answer takes is the server's affair, which has limits for that.
    private final OkHttpClient http;

    /// @param url with or without the `/v1` that OpenAI's clients want @param key the API key, if the server asks for one
    /// @param trusted what its certificate is held against, if not what Java knows
    public Server(String url, Optional<String> key, Optional<TrustedCertificates> trusted) {
        HttpUrl parsed = HttpUrl.parse(url.strip().replaceAll("/+$", "").replaceAll("/v1$", ""));
        if (parsed == null) {
            throw new IllegalArgumentException("--url is `" + url + "`; it must be a server's address, such as http://localhost:8080");
        }
        if (trusted.isPresent() && !parsed.isHttps()) {
            throw new IllegalArgumentException("--tls-ca is for a server that speaks HTTPS, and --url is " + parsed);
        }
        this.url = parsed;
        this.key = key;
        var client = new OkHttpClient.Builder().connectTimeout(CONNECTING).readTimeout(Duration.ZERO).writeTimeout(Duration.ZERO);
        trusted.ifPresent(certificates -> client.sslSocketFactory(certificates.sockets(), certificates.manager()));
        this.http = client.build();
    }

    /// For people.
    public String address() {
        return url.toString().replaceAll("/+$", "");
    }

    /// Whether a server of this kind answers there, with or without its model, and be it that it asks for a key.
    public boolean answers() {
        var quick = http.newBuilder().callTimeout(Duration.ofSeconds(2)).build();
        try (var response = quick.newCall(request("/version").build()).execute()) {
            JsonNode answer = JSON.readTree(response.body().string());
            return response.isSuccessful() ? answer.has("version") : response.code() == 401 && message(answer).isPresent();
        } catch (IOException _) {
            return false;
        }
    }

    JsonNode get(String path) throws IOException {
        return json(call(request(path).build()));
    }

    JsonNode post(String path, JsonNode body) throws IOException {
        return post(path, RequestBody.create(JSON.writeValueAsBytes(body), JSON_TYPE));
    }

    JsonNode post(String path, RequestBody body) throws IOException {
        return json(call(request(path).post(body).build()));
    }

    /// A request that is answered with events; it can be cancelled from another thread.
    Call stream(String path) {
        return call(request(path).build());
    }

    Call stream(String path, JsonNode body) throws IOException {
        return call(request(path).post(RequestBody.create(JSON.writeValueAsBytes(body), JSON_TYPE)).build());
    }

    /// The events of a call, which is made now. To be closed.
    EventLines events(Call call) throws IOException {
        return new EventLines(execute(call));
    }

    private Request.Builder request(String path) {
        var request = new Request.Builder().url(url.toString().replaceAll("/+$", "") + path);
        key.ifPresent(value -> request.header("Authorization", "Bearer " + value));
        return request;
    }

    private Call call(Request request) {
        return http.newCall(request);
    }

    private JsonNode json(Call call) throws IOException {
        try (var response = execute(call)) {
            return JSON.readTree(response.body().string());
        } catch (JsonProcessingException e) {
            throw new IOException(address() + " answers with something that is no JSON: it is no server of this kind", e);
        }
    }

    private Response execute(Call call) throws IOException {
        Response response;
        try {
            response = call.execute();
        } catch (ConnectException | UnknownHostException e) {
            throw new IOException("nobody answers at " + address() + "; start `./lorikeet serve` there, or give --url", e);
        } catch (SSLPeerUnverifiedException e) {
            throw new IOException("the certificate of " + address() + " is for another name than that; use a name that it has", e);
        } catch (SSLException e) {
            throw new IOException(address() + " " + (e.getCause() instanceof CertificateException
                    ? "has a certificate that is not trusted here; if it is the right one, name it or its authority's by --tls-ca FILE (PEM)"
                    : "cannot be talked to in TLS: " + e.getMessage() + "; if it speaks HTTP, give --url http://…"), e);
        } catch (IOException e) {
            // What a server that waits for TLS does with a request in clear.
            throw url.isHttps() || !(e.getCause() instanceof EOFException) ? e : new IOException(
                    address() + " answers, and not in HTTP; if it speaks HTTPS, give --url https://…", e);
        }
        if (response.isSuccessful()) {
            return response;
        }
        try (response) {
            throw refusal(response);
        }
    }

    private static IOException refusal(Response response) throws IOException {
        String body = response.body().string();
        String message = message(body).orElse(body.isBlank() ? "the server answers with status " + response.code() : PlainText.of(body.strip()));
        if (response.code() == 401) {
            return new IOException(message + " (LORIKEET_API_KEY is the key)");
        }
        if (WRONG.contains(response.code())) {
            throw new WrongRequest(message);
        }
        return new IOException(message);
    }

    /// OpenAI's error, if it is one.
    private static Optional<String> message(String body) {
        try {
            return message(JSON.readTree(body));
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    static Optional<String> message(JsonNode answer) {
        JsonNode error = answer.path("error");
        JsonNode message = error.path("message");
        return message.isTextual() ? Optional.of(PlainText.of(message.textValue())) : error.isTextual() ? Optional.of(PlainText.of(error.textValue())) : Optional.empty();
    }
}
