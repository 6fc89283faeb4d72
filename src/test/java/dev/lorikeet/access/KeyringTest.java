package dev.lorikeet.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyringTest {
    private static final String ALICE = "alice-key-0123456789";
    private static final Limits FEW = new Limits(OptionalLong.of(2), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

    @TempDir
    Path folder;

    private KeysFile file() {
        return new KeysFile(folder.resolve("keys.json"));
    }

    private static Optional<Caller> find(Keyring keyring, String key) {
        return keyring.find(key).map(Access::caller);
    }

    @Test
    void aKeyOfTheOptionsIsFoundByItsWholeTextOnly() {
        var keyring = new Keyring(KeyText.parse("api-keys", List.of("alice:" + ALICE), Role.USER), Optional.empty(), Limits.NONE);
        assertThat(keyring.isRequired()).isTrue();
        assertThat(find(keyring, ALICE)).contains(new Caller.User("alice"));
        assertThat(find(keyring, ALICE + "0")).isEmpty();
        assertThat(find(keyring, ALICE.substring(1))).isEmpty();
        assertThat(find(keyring, "")).isEmpty();
        assertThat(find(keyring, "alice")).isEmpty();
    }

    @Test
    void withoutKeysNoneIsRequired() {
        assertThat(new Keyring(List.of(), Optional.empty(), Limits.NONE).isRequired()).isFalse();
    }

    @Test
    void theFileHasTheHashAndNotTheKey() throws IOException {
        String key = KeyText.random();
        assertThat(key).matches("lk-[A-Za-z0-9_-]{43}");
        file().add("root", Role.ADMIN, key, Limits.NONE);
        assertThat(file().path()).content().contains("\"root\"", "\"admin\"").doesNotContain(key).doesNotContain(key.substring(3, 20));
        assertThat(find(new Keyring(List.of(), Optional.of(file()), Limits.NONE), key)).contains(new Caller.Admin("root"));
    }

    @Test
    void aKeyThatIsAddedCountsAndOneThatIsRemovedDoesNotAfterTheNextLook() throws IOException {
        String first = KeyText.random();
        String second = KeyText.random();
        file().add("first", Role.USER, first, Limits.NONE);
        var keyring = new Keyring(List.of(), Optional.of(file()), Limits.NONE);
        file().add("second", Role.USER, second, Limits.NONE);
        keyring.refresh();
        assertThat(find(keyring, second)).contains(new Caller.User("second"));
        file().remove("first");
        keyring.refresh();
        assertThat(find(keyring, first)).isEmpty();
        assertThat(find(keyring, second)).isPresent();
        assertThatThrownBy(() -> file().remove("first")).hasMessageContaining("no key `first`");
    }

    @Test
    void aFileThatIsWrongOrGoneLeavesTheKeysAsTheyWere() throws IOException {
        String key = KeyText.random();
        file().add("alice", Role.USER, key, Limits.NONE);
        var keyring = new Keyring(List.of(), Optional.of(file()), Limits.NONE);
        Files.writeString(file().path(), "{\"keys\": [");
        keyring.refresh();
        assertThat(find(keyring, key)).isPresent();
        Files.delete(file().path());
        keyring.refresh();
        assertThat(find(keyring, key)).isPresent();
        assertThat(keyring.isRequired()).isTrue();
    }

    @Test
    void whatAKeyHasSpentIsSpentAfterTheFileWasReadAgain() throws IOException {
        String key = KeyText.random();
        file().add("alice", Role.USER, key, FEW);
        var keyring = new Keyring(List.of(), Optional.of(file()), Limits.NONE);
        assertThat(keyring.find(key).orElseThrow().allowance().request()).isEmpty();
        assertThat(keyring.find(key).orElseThrow().allowance().request()).isEmpty();
        file().add("bob", Role.USER, KeyText.random(), Limits.NONE);
        keyring.refresh();
        assertThat(keyring.find(key).orElseThrow().allowance().request()).isPresent();
    }

    @Test
    void theDefaultsLimitUsersAndAKeysOwnLimitsComeFirst() throws IOException {
        String user = KeyText.random();
        String admin = KeyText.random();
        String other = KeyText.random();
        file().add("user", Role.USER, user, Limits.NONE);
        file().add("admin", Role.ADMIN, admin, Limits.NONE);
        file().add("other", Role.USER, other, new Limits(OptionalLong.of(7), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
        var keyring = new Keyring(List.of(), Optional.of(file()), FEW);
        assertThat(keyring.find(user).orElseThrow().allowance().limits()).isEqualTo(FEW);
        assertThat(keyring.find(admin).orElseThrow().allowance().limits()).isEqualTo(Limits.NONE);
        assertThat(keyring.find(other).orElseThrow().allowance().limits().requestsPerMinute()).hasValue(7);
    }

    @Test
    void twoKeysOfOneNameAreRefused() throws IOException {
        file().add("alice", Role.USER, KeyText.random(), Limits.NONE);
        var fixed = KeyText.parse("api-keys", List.of("alice:" + ALICE), Role.USER);
        assertThatThrownBy(() -> new Keyring(fixed, Optional.of(file()), Limits.NONE)).hasMessageContaining("two keys of the name `alice`");
        assertThatThrownBy(() -> file().add("alice", Role.USER, KeyText.random(), Limits.NONE)).hasMessageContaining("`alice` already");
    }

    @Test
    void aFileThatIsNotThereIsRefusedAtTheStart() {
        assertThatThrownBy(() -> new Keyring(List.of(), Optional.of(file()), Limits.NONE)).isInstanceOf(BadFileException.class).hasMessageContaining("is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{}|keys must be a list", "{\"keys\": [], \"key\": 1}|key is not known", "{\"keys\": [{\"name\": \"a\"}]}|keys[0].role",
        "{\"keys\": [{\"name\": \"a\", \"role\": \"user\", \"sha256\": \"abc\"}]}|64 hexadecimal digits",
        "{\"keys\": [{\"name\": \"a b\", \"role\": \"user\", \"sha256\": \"HASH\"}]}|`a b` cannot be the name",
        "{\"keys\": [{\"name\": \"a\", \"role\": \"user\", \"sha256\": \"HASH\", \"rpm\": 3}]}|keys[0].rpm is not known",
        "{\"keys\": [{\"name\": \"a\", \"role\": \"user\", \"sha256\": \"HASH\", \"tokens_per_day\": 0}]}|tokens_per_day is 0",
        "{\"keys\": [{\"name\": \"a\", \"role\": \"user\", \"sha256\": \"HASH\", \"tokens_per_day\": 1.5}]}|tokens_per_day must be a whole number"})
    void whatIsWrongInTheFileIsNamed(String json, String named) throws IOException {
        Files.writeString(file().path(), json.replace("HASH", "a".repeat(64)));
        assertThatThrownBy(() -> file().read()).isInstanceOf(BadFileException.class).hasMessageContaining(named).hasMessageContaining("keys.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", ":0123456789abcdef", "alice:short", "alice:has blanks in it, too", "a/b:0123456789abcdef", "alice:0123456789abcdé"})
    void aWrongEntryOfAnOptionIsRefusedWithoutRepeatingTheKey(String entry) {
        assertThatThrownBy(() -> KeyText.parse("api-keys", List.of(entry), Role.USER)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("0123456789").hasMessageNotContaining("short").hasMessageNotContaining("blanks");
    }
}
