package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.terminal.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class ExitStatusTest {
    private static String told(int status, ExitStatus.Action action) {
        var err = System.err;
        var bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(ExitStatus.of("pull", action)).isEqualTo(status);
        } finally {
            System.setErr(err);
        }
        return bytes.toString(StandardCharsets.UTF_8).strip();
    }

    @Test
    void anEndOfEachKindHasItsStatusAndItsReason() {
        assertThat(told(0, () -> { })).isEmpty();
        assertThat(told(1, () -> {
            throw new IOException("the hub is away");
        })).isEqualTo("lorikeet pull: the hub is away");
        assertThat(told(1, () -> {
            throw new IllegalStateException("the disk is full");
        })).isEqualTo("lorikeet pull: the disk is full");
        assertThat(told(2, () -> Recipe.read(Path.of("nowhere.yaml")))).startsWith("lorikeet pull: nowhere.yaml cannot be read");
        assertThat(told(130, () -> {
            throw new CancellationException("nothing was written");
        })).isEqualTo("lorikeet pull: nothing was written");
    }

    @Test
    void anInterruptIsNoFailure() {
        assertThat(told(130, () -> {
            throw new InterruptedException();
        })).isEmpty();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anExceptionThatSaysOnlyANameOrNothingIsNamedItself() {
        assertThat(told(1, () -> {
            throw new NoSuchFileException("a/b");
        })).isEqualTo("lorikeet pull: java.nio.file.NoSuchFileException: a/b");
        assertThat(told(1, () -> {
            throw new IndexOutOfBoundsException();
        })).isEqualTo("lorikeet pull: java.lang.IndexOutOfBoundsException");
    }
}
