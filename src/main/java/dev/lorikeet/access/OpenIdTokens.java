package dev.lorikeet.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jboss.logging.Logger;
import org.jose4j.http.SimpleGet;
import org.jose4j.http.SimpleResponse;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;

/// Bearer tokens of an OpenID provider: signed by it, for this server, not expired. Its addresses and keys are asked for when the first
/// token comes, and its keys again when one is signed by a new one.
public final class OpenIdTokens {
    private static final Logger LOG = Logger.getLogger(OpenIdTokens.class);
    private static final Pattern SIGNED = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    /// Nothing that is verified with a secret, and not `none`.
    private static final String[] ALGORITHMS = {AlgorithmIdentifiers.RSA_USING_SHA256, AlgorithmIdentifiers.RSA_USING_SHA384, AlgorithmIdentifiers.RSA_USING_SHA512,
        AlgorithmIdentifiers.RSA_PSS_USING_SHA256, AlgorithmIdentifiers.RSA_PSS_USING_SHA384, AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
        AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256, AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
        AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512, AlgorithmIdentifiers.EDDSA};
    private static final int SKEW_SECONDS = 30;
    /// So that tokens with made-up key names do not become a flood of questions to the provider.
    private static final long MILLIS_BETWEEN_REFRESHES = 10_000;
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int SUBJECTS = 10_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Settings settings;
    private final OkHttpClient http;
    private final Limits limits;
    private final Map<String, Allowance> allowances = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
            return size() > SUBJECTS;
        }
    };
    private Optional<JwtConsumer> consumer = Optional.empty();
    private Optional<Instant> failed = Optional.empty();

    /// @param rolesClaim with dots between the names of nested objects
    public record Settings(URI issuer, String audience, String rolesClaim, String adminRole) {
        public Settings {
            boolean local = "http".equals(issuer.getScheme()) && List.of("localhost", "127.0.0.1", "[::1]").contains(String.valueOf(issuer.getHost()));
            if (!"https".equals(issuer.getScheme()) && !local) {
                throw new IllegalArgumentException("oidc-issuer is `" + issuer + "`; it must be an https address, since whoever changes what it answers has every right here");
            }
        }
    }

    /// The provider does not answer.
    public static final class Unreachable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unreachable(Throwable cause) {
            super("The OpenID provider does not answer; a token cannot be checked now.", cause);
        }
    }

    /// @param limits of a user's token
    public OpenIdTokens(Settings settings, OkHttpClient http, Limits limits) {
        this.settings = settings;
        this.http = http.newBuilder().followRedirects(false).callTimeout(Duration.ofSeconds(10)).build();
        this.limits = limits;
    }

    /// Whether this may be a token at all; keys have no dots in this manner.
    public static boolean isMeant(String token) {
        return SIGNED.matcher(token).matches();
    }

    /// Whose token it is; empty if it is not good. Blocks while the provider is asked.
    ///
    /// @throws Unreachable the provider does not answer
    public Optional<Access> find(String token) {
        JwtConsumer verifier = consumer();
        try {
            JwtClaims claims = verifier.processToClaims(token);
            String name = "oidc:" + claims.getSubject();
            Caller caller = roles(claims).contains(settings.adminRole()) ? new Caller.Admin(name) : new Caller.User(name);
            return Optional.of(new Access(caller, allowance(caller)));
        } catch (InvalidJwtException e) {
            if (hasCause(e, IOException.class)) {
                throw new Unreachable(e);
            }
            // Its words may quote the token: only what kind of fault it was.
            LOG.debugf("a token was refused: %s", e.getErrorDetails().stream().map(error -> error.getErrorCode()).toList());
            return Optional.empty();
        } catch (MalformedClaimException _) {
            return Optional.empty();
        }
    }

    private static boolean hasCause(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private synchronized Allowance allowance(Caller caller) {
        return allowances.computeIfAbsent(caller.owner().orElseThrow(), _ -> new Allowance(caller.isAdmin() ? Limits.NONE : limits));
    }

    private Collection<?> roles(JwtClaims claims) {
        Object value = claims.getClaimsMap();
        for (String part : settings.rolesClaim().split("\\.")) {
            value = value instanceof Map<?, ?> map ? map.get(part) : null;
        }
        return switch (value) {
            case Collection<?> several -> several;
            // As `scope` has them.
            case String words -> Arrays.asList(words.split(" "));
            case null, default -> List.of();
        };
    }

    /// After a failure, others are not made to wait for the same one.
    private synchronized JwtConsumer consumer() {
        if (consumer.isEmpty()) {
            if (failed.filter(time -> time.plus(PAUSE).isAfter(Instant.now())).isPresent()) {
                throw new Unreachable(null);
            }
            try {
                consumer = Optional.of(discover());
            } catch (Unreachable e) {
                failed = Optional.of(Instant.now());
                throw e;
            }
        }
        return consumer.get();
    }

    private JwtConsumer discover() {
        String address = settings.issuer().toString().replaceAll("/$", "") + "/.well-known/openid-configuration";
        try {
            JsonNode document = JSON.readTree(get(address).getBody());
            String issuer = document.path("issuer").asText();
            if (!issuer.equals(settings.issuer().toString())) {
                throw new IOException("its configuration is that of '" + issuer + "'");
            }
            var keys = new HttpsJwks(document.path("jwks_uri").asText());
            keys.setSimpleHttpGet((SimpleGet) this::get);
            keys.setRefreshReprieveThreshold(MILLIS_BETWEEN_REFRESHES);
            return new JwtConsumerBuilder().setRequireExpirationTime().setRequireSubject().setAllowedClockSkewInSeconds(SKEW_SECONDS).setExpectedIssuer(true, issuer)
                    .setExpectedAudience(true, settings.audience()).setVerificationKeyResolver(new HttpsJwksVerificationKeyResolver(keys))
                    .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, ALGORITHMS).build();
        } catch (IOException e) {
            LOG.errorf("the OpenID provider %s cannot be used: %s", settings.issuer(), e.getMessage());
            throw new Unreachable(e);
        }
    }

    private SimpleResponse get(String address) throws IOException {
        try (var response = http.newCall(new Request.Builder().url(address).build()).execute()) {
            if (!response.isSuccessful()) {
                throw new IOException(address + " answers " + response.code());
            }
            return new Answer(response.code(), response.message(), response.headers().toMultimap(), response.body().string());
        } catch (IllegalArgumentException e) {
            throw new IOException(address + " is no address", e);
        }
    }

    private record Answer(int status, String message, Map<String, List<String>> headers, String body) implements SimpleResponse {
        @Override
        public int getStatusCode() {
            return status;
        }

        @Override
        public String getStatusMessage() {
            return message;
        }

        @Override
        public Collection<String> getHeaderNames() {
            return headers.keySet();
        }

        @Override
        public List<String> getHeaderValues(String name) {
            return new ArrayList<>(headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), List.of()));
        }

        @Override
        public String getBody() {
            return body;
        }
    }
}
