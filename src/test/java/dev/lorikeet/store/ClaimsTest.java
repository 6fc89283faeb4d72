package dev.lorikeet.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may work on a folder. Machines that share a file system without sharing its locks are played by two folders with one heartbeat.
class ClaimsTest {
    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private final Claims first = new Claims("first", "machine", nanos::get);
    private final Claims neighbour = new Claims("neighbour", "machine", nanos::get);
    private final Claims stranger = new Claims("stranger", "elsewhere", nanos::get);

    private void pass(long seconds) {
        nanos.addAndGet(seconds * 1_000_000_000L);
    }

    /// A process of another machine that ended without giving up its claim: the lock is gone, its note is there.
    private void killed(Claims.Claim claim) throws IOException {
        byte[] note = Files.readAllBytes(folder.resolve("claim.json"));
        claim.close();
        Files.write(folder.resolve("claim.json"), note);
    }

    @Test
    void oneHasItUntilHeGivesItUp() throws IOException {
        var claim = first.claim(folder).orElseThrow();
        assertThat(neighbour.claim(folder)).isEmpty();
        assertThat(stranger.claim(folder)).isEmpty();
        assertThat(claim.isHeld()).isTrue();
        claim.close();
        assertThat(claim.isHeld()).isFalse();
        try (var next = neighbour.claim(folder).orElseThrow()) {
            assertThat(next.isHeld()).isTrue();
        }
        try (var last = stranger.claim(folder).orElseThrow()) {
            assertThat(last.isHeld()).isTrue();
        }
    }

    @Test
    void aDeadProcessOfTheSameMachineIsFollowedAtOnce() throws IOException {
        killed(first.claim(folder).orElseThrow());
        try (var claim = neighbour.claim(folder).orElseThrow()) {
            assertThat(claim.isHeld()).isTrue();
        }
    }

    @Test
    void aSilentProcessOfAnotherMachineIsFollowedAfterHalfAMinuteOfSilence() throws IOException {
        killed(first.claim(folder).orElseThrow());
        assertThat(stranger.claim(folder)).isEmpty();
        pass(29);
        assertThat(stranger.claim(folder)).isEmpty();
        pass(1);
        try (var claim = stranger.claim(folder).orElseThrow()) {
            assertThat(claim.isHeld()).isTrue();
        }
    }

    @Test
    void aHeartbeatKeepsTheClaimWhereLocksDoNotTravel() throws IOException {
        var claim = first.claim(folder).orElseThrow();
        killed(claim);
        assertThat(stranger.claim(folder)).isEmpty();
        for (int i = 0; i < 10; i++) {
            pass(10);
            beatAs("first", i + 1);
            assertThat(stranger.claim(folder)).as("beat %d", i).isEmpty();
        }
        pass(30);
        stranger.claim(folder).orElseThrow().close();
    }

    private void beatAs(String replica, int beat) throws IOException {
        Files.writeString(folder.resolve("claim.json"), "{\"replica\": \"" + replica + "\", \"machine\": \"machine\", \"beat\": " + beat + "}");
    }

    @Test
    void whoStoodStillAndWasFollowedKnowsIt() throws IOException {
        var claim = first.claim(folder).orElseThrow();
        claim.beat();
        assertThat(claim.isHeld()).isTrue();
        beatAs("stranger", 0);
        pass(40);
        assertThat(claim.isHeld()).isFalse();
        claim.beat();
        assertThat(Files.readString(folder.resolve("claim.json"))).as("the follower's note stays").contains("stranger");
        claim.close();
        assertThat(folder.resolve("claim.json")).exists();
    }

    @Test
    void aNoteThatSaysNothingHoldsNobodyUp() throws IOException {
        Files.writeString(folder.resolve("claim.json"), "{\"replica\": ");
        first.claim(folder).orElseThrow().close();
    }
}
