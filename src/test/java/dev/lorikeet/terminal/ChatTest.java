package dev.lorikeet.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChatTest {
    private static final String MODELS = """
            {"data": [{"id": "demo", "parent": null}, {"id": "law", "parent": "demo"}]}""";

    private final StringWriter screen = new StringWriter();
    private ScriptedServer server;
    private Chat chat;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
        chat = new Chat(server.client(), new ChatSettings("demo", "", OptionalDouble.of(0.5), OptionalInt.of(7)), new PrintWriter(screen));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String shown() {
        String text = screen.toString().replace(System.lineSeparator(), "\n");
        screen.getBuffer().setLength(0);
        return text;
    }

    @Test
    void theAnswerIsShownAndTheNextQuestionCarriesWhatWasSaid() throws Exception {
        server.answer("stop", "안녕", "하세요");
        server.answer("stop", "네");
        assertThat(chat.take("안녕")).isTrue();
        assertThat(shown()).isEqualTo("안녕하세요\n");
        var first = server.request();
        assertThat(first.getHeaders().get("Authorization")).isEqualTo("Bearer secret");
        assertThat(Server.JSON.readTree(first.getBody().utf8())).isEqualTo(Server.JSON.readTree("""
                {"model": "demo", "stream": true, "temperature": 0.5, "max_tokens": 7, "messages": [{"role": "user", "content": "안녕"}]}"""));
        chat.take("잘 지내?");
        assertThat(server.requestBody().get("messages")).isEqualTo(Server.JSON.readTree("""
                [{"role": "user", "content": "안녕"}, {"role": "assistant", "content": "안녕하세요"}, {"role": "user", "content": "잘 지내?"}]"""));
    }

    @Test
    void systemPromptAndForgetting() throws Exception {
        server.answer("stop", "a");
        server.answer("stop", "b");
        chat.take("/system 짧게");
        chat.take("one");
        assertThat(server.requestBody().at("/messages/0")).isEqualTo(Server.JSON.readTree("{\"role\": \"system\", \"content\": \"짧게\"}"));
        chat.take("/reset");
        chat.take("/system -");
        chat.take("two");
        assertThat(server.requestBody().get("messages")).isEqualTo(Server.JSON.readTree("[{\"role\": \"user\", \"content\": \"two\"}]"));
        assertThat(shown()).contains("System prompt: 짧게", "No system prompt.");
    }

    @Test
    void anAdapterIsTalkedToOnceTheServerKnowsIt() throws Exception {
        server.json("{\"id\": \"law@2\", \"parent\": \"demo\"}");
        server.answer("stop", "a");
        chat.take("/adapter law@2");
        assertThat(server.request().getTarget()).isEqualTo("/v1/models/law%402");
        chat.take("hi");
        assertThat(server.requestBody().get("model").asText()).isEqualTo("law@2");
        assertThat(shown()).isEqualTo("Talking to law@2, an adapter of demo.\na\n");
    }

    @Test
    void aNameThatTheServerDoesNotKnowChangesNothing() throws Exception {
        server.status(404, "{\"error\": {\"message\": \"The model `x` does not exist\"}}");
        server.json("{\"id\": \"demo\", \"parent\": null}");
        server.answer("stop", "a");
        assertThat(chat.take("/adapter x")).isTrue();
        chat.take("/adapter demo");
        chat.take("hi");
        assertThat(shown()).isEqualTo("error: The model `x` does not exist\ndemo is no adapter; /model demo talks to it\na\n");
        server.request();
        server.request();
        assertThat(server.requestBody().get("model").asText()).isEqualTo("demo");
    }

    @Test
    void listsMarkWhatIsTalkedTo() {
        server.json(MODELS);
        server.json(MODELS);
        chat.take("/model");
        chat.take("/adapter");
        assertThat(shown()).isEqualTo("* demo\n  law, an adapter of demo\n  law, an adapter of demo\n");
    }

    @Test
    void whatAModelWritesCannotSteerTheTerminal() {
        server.answer("stop", "\u001b", "]0;owned\u0007", "\u009b2J안녕");
        chat.take("hi");
        assertThat(shown()).isEqualTo("␛]0;owned␇\ufffd2J안녕\n");
    }

    @Test
    void whatAServerSaysCannotEither() {
        server.status(400, "{\"error\": {\"message\": \"no \\u001b[2J\"}}");
        server.json("{\"data\": [{\"id\": \"a\\u001bb\\nc\", \"parent\": null}]}");
        chat.take("hi");
        chat.take("/model");
        assertThat(shown()).isEqualTo("error: no ␛[2J\n  a␛b␊c\n");
    }

    @Test
    @Timeout(10)
    void aStoppedAnswerStaysInTheConversationAsFarAsItCame() throws Exception {
        server.answerWithoutEnd("half");
        server.answer("length", "b");
        var asking = CompletableFuture.runAsync(() -> chat.take("one"));
        while (!screen.toString().contains("half")) {
            assertThat(asking.isDone()).isFalse();
            Thread.onSpinWait();
        }
        chat.stop();
        asking.get(10, TimeUnit.SECONDS);
        chat.take("two");
        assertThat(shown()).isEqualTo("half [stopped]\nb […: the limit of tokens]\n");
        server.request();
        assertThat(server.requestBody().at("/messages/1/content").asText()).isEqualTo("half");
    }

    @Test
    void anErrorInTheMidstOfAnAnswerIsToldAndTheQuestionForgotten() throws Exception {
        server.events(false, List.of("{\"choices\": [{\"delta\": {\"content\": \"a\"}}]}", "{\"error\": {\"message\": \"the server is shutting down\"}}"));
        server.events(false, List.of("{\"choices\": [{\"delta\": {\"content\": \"b\"}}]}"));
        server.answer("stop", "c");
        assertThat(chat.take("one")).isTrue();
        assertThat(chat.take("two")).isTrue();
        chat.take("three");
        assertThat(shown()).contains("error: the server is shutting down", "error: the connection ended before the answer did");
        server.request();
        server.request();
        assertThat(server.requestBody().get("messages")).hasSize(1);
    }

    @Test
    void asASingleQuestionItFailsAsTheServerDoes() {
        server.status(404, "{\"error\": {\"message\": \"no such model\"}}");
        server.status(429, "{\"error\": {\"message\": \"the queue is full\"}}");
        server.status(401, "{\"error\": {\"message\": \"no key\"}}");
        server.status(502, "<html>\u001b[1mbad gateway</html>");
        assertThatThrownBy(() -> chat.ask("hi")).isInstanceOf(WrongRequest.class).hasMessage("no such model");
        assertThatThrownBy(() -> chat.ask("hi")).isInstanceOf(IOException.class).hasMessage("the queue is full");
        assertThatThrownBy(() -> chat.ask("hi")).isInstanceOf(IOException.class).hasMessageContaining("LORIKEET_API_KEY");
        assertThatThrownBy(() -> chat.ask("hi")).isInstanceOf(IOException.class).hasMessage("<html>␛[1mbad gateway</html>");
    }

    @Test
    void aServerIsKnownByItsVersionOrByAskingForAKey() {
        server.json("{\"version\": \"0.1.0\"}");
        server.status(401, "{\"error\": {\"message\": \"no key\"}}");
        server.json("{\"name\": \"another program\"}");
        server.status(404, "{\"error\": {\"message\": \"not found\"}}");
        server.status(401, "Unauthorized");
        assertThat(Stream.generate(() -> server.client().answers()).limit(5)).containsExactly(true, true, false, false, false);
    }

    @Test
    void quitEndsAndAnUnknownCommandIsNamed() {
        assertThat(chat.take("/sing")).isTrue();
        assertThat(shown()).isEqualTo("unknown command /sing; /help lists all\n");
        assertThat(chat.take("/quit")).isFalse();
    }
}
