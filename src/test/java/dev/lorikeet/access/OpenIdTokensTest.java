package dev.lorikeet.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A provider on a real socket, and tokens as it would sign them and as an attacker would.
class OpenIdTokensTest {
    private static final String AUDIENCE = "lorikeet";
    private static final Limits LIMITS = new Limits(OptionalLong.of(3), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    private final MockWebServer provider = new MockWebServer();
    private final RsaJsonWebKey key = key("one");

    @BeforeEach
    void start() throws IOException {
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private static RsaJsonWebKey key(String id) {
        try {
            var key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId(id);
            return key;
        } catch (org.jose4j.lang.JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private String issuer() {
        return provider.url("/realm").toString();
    }

    private OpenIdTokens tokens(String rolesClaim) {
        return new OpenIdTokens(new OpenIdTokens.Settings(URI.create(issuer()), AUDIENCE, rolesClaim, "lorikeet-admin"), new OkHttpClient(), LIMITS);
    }

    private void answersWith(RsaJsonWebKey... keys) {
        provider.enqueue(new MockResponse.Builder().body("{\"issuer\": \"" + issuer() + "\", \"jwks_uri\": \"" + provider.url("/jwks") + "\"}").build());
        answersWithKeys(keys);
    }

    private void answersWithKeys(RsaJsonWebKey... keys) {
        provider.enqueue(new MockResponse.Builder().body(new JsonWebKeySet(keys).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY)).build());
    }

    private JwtClaims claims() {
        var claims = new JwtClaims();
        claims.setIssuer(issuer());
        claims.setAudience(AUDIENCE);
        claims.setSubject("u-1");
        claims.setExpirationTimeMinutesInTheFuture(10);
        return claims;
    }

    private static String signed(JwtClaims claims, RsaJsonWebKey key) throws Exception {
        var signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKey(key.getPrivateKey());
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        return signature.getCompactSerialization();
    }

    private Optional<Caller> find(String token) {
        return tokens("groups").find(token).map(Access::caller);
    }

    @Test
    void aGoodTokenIsItsSubjectsAndTheProviderIsAskedOnce() throws Exception {
        answersWith(key);
        var tokens = tokens("groups");
        for (int i = 0; i < 3; i++) {
            var access = tokens.find(signed(claims(), key)).orElseThrow();
            assertThat(access.caller()).isEqualTo(new Caller.User("oidc:u-1"));
            assertThat(access.allowance().request()).isEmpty();
        }
        assertThat(tokens.find(signed(claims(), key)).orElseThrow().allowance().request()).isPresent();
        assertThat(provider.getRequestCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"groups", "realm_access.roles", "scope"})
    void theRoleMakesAnAdminWhereverTheClaimStands(String claim) throws Exception {
        answersWith(key);
        var tokens = tokens(claim);
        var claims = claims();
        claims.setClaim("groups", List.of("staff", "lorikeet-admin"));
        claims.setClaim("realm_access", Map.of("roles", List.of("lorikeet-admin")));
        claims.setClaim("scope", "openid lorikeet-admin");
        assertThat(tokens.find(signed(claims, key)).map(Access::caller)).contains(new Caller.Admin("oidc:u-1"));
        var plain = claims();
        plain.setClaim("groups", List.of("lorikeet-administrators"));
        plain.setClaim("realm_access", "lorikeet-admins");
        assertThat(tokens.find(signed(plain, key)).map(Access::caller)).contains(new Caller.User("oidc:u-1"));
    }

    @Test
    void aTokenThatHasExpiredOrIsForOthersOrFromOthersIsNotGood() throws Exception {
        answersWith(key);
        var tokens = tokens("groups");
        var expired = claims();
        expired.setExpirationTimeMinutesInTheFuture(-2);
        var endless = claims();
        endless.unsetClaim("exp");
        var elsewhere = claims();
        elsewhere.setAudience("another-server");
        var nowhere = claims();
        nowhere.unsetClaim("aud");
        var foreign = claims();
        foreign.setIssuer("https://evil.example");
        var nobody = claims();
        nobody.unsetClaim("sub");
        for (var claims : List.of(expired, endless, elsewhere, nowhere, foreign, nobody)) {
            assertThat(tokens.find(signed(claims, key))).as(claims.toJson()).isEmpty();
        }
        assertThat(tokens.find(signed(claims(), key))).isPresent();
    }

    @Test
    void aSignatureOfAnotherKeyIsNotGood() throws Exception {
        answersWith(key);
        assertThat(find(signed(claims(), key("one")))).isEmpty();
    }

    @Test
    void aTokenWithoutASignatureIsNotGood() throws Exception {
        answersWith(key);
        var unsigned = new JsonWebSignature();
        unsigned.setAlgorithmConstraints(org.jose4j.jwa.AlgorithmConstraints.NO_CONSTRAINTS);
        unsigned.setPayload(claims().toJson());
        unsigned.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
        assertThat(find(unsigned.getCompactSerialization() + "AA")).isEmpty();
        assertThat(OpenIdTokens.isMeant(unsigned.getCompactSerialization())).isFalse();
    }

    /// The old trick: the public key as the secret of an HMAC.
    @Test
    void aPublicKeyIsNoSecret() throws Exception {
        answersWith(key);
        var forged = new JsonWebSignature();
        forged.setPayload(claims().toJson());
        forged.setKey(new HmacKey(key.getPublicKey().getEncoded()));
        forged.setKeyIdHeaderValue("one");
        forged.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        assertThat(find(forged.getCompactSerialization())).isEmpty();
    }

    @Test
    void madeUpNamesOfKeysDoNotFloodTheProvider() throws Exception {
        answersWith(key);
        var tokens = tokens("groups");
        var madeUp = key("made-up");
        String token = signed(claims(), madeUp);
        assertThat(tokens.find(signed(claims(), key))).isPresent();
        for (int i = 0; i < 20; i++) {
            assertThat(tokens.find(token)).isEmpty();
        }
        assertThat(provider.getRequestCount()).isEqualTo(2);
    }

    @Test
    void aProviderThatDoesNotAnswerIsNotAWrongToken() throws Exception {
        provider.enqueue(new MockResponse.Builder().code(500).build());
        var tokens = tokens("groups");
        String token = signed(claims(), key);
        assertThatThrownBy(() -> tokens.find(token)).isInstanceOf(OpenIdTokens.Unreachable.class);
        assertThatThrownBy(() -> tokens.find(token)).isInstanceOf(OpenIdTokens.Unreachable.class);
        assertThat(provider.getRequestCount()).isEqualTo(1);
    }

    @Test
    void aConfigurationOfAnotherIssuerIsRefused() throws Exception {
        provider.enqueue(new MockResponse.Builder().body("{\"issuer\": \"https://evil.example\", \"jwks_uri\": \"" + provider.url("/jwks") + "\"}").build());
        String token = signed(claims(), key);
        assertThatThrownBy(() -> find(token)).isInstanceOf(OpenIdTokens.Unreachable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://provider.example", "ftp://localhost", "provider"})
    void anIssuerThatAnyoneCouldSpeakForIsRefused(String address) {
        assertThatThrownBy(() -> new OpenIdTokens.Settings(URI.create(address), AUDIENCE, "groups", "a")).hasMessageContaining("https");
    }

    @Test
    void keysAreNotTakenForTokens() {
        assertThat(OpenIdTokens.isMeant(KeyText.random())).isFalse();
    }
}
