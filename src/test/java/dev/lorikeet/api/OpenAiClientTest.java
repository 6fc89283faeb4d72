package dev.lorikeet.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.engine.QueueFullException;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The client that users bring.
@QuarkusTest
@TestProfile(ApiProfile.class)
class OpenAiClientTest {
    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    private OpenAIClient client;

    @BeforeEach
    void connect() {
        catalog.reset();
        client = OpenAIOkHttpClient.builder().baseUrl(server.resolve("/v1").toString()).apiKey("none").responseValidation(true).build();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private static ChatCompletionCreateParams.Builder hi() {
        return ChatCompletionCreateParams.builder().model("demo").addDeveloperMessage("Be brief.").addUserMessage("hi");
    }

    @Test
    void chatIsUnderstood() {
        var completion = client.chat().completions().create(hi().maxCompletionTokens(9).logprobs(true).topLogprobs(2).build());
        assertThat(completion.choices().getFirst().message().content()).contains("안녕하세요!");
        assertThat(completion.choices().getFirst().logprobs().orElseThrow().content().orElseThrow()).hasSize(3);
        assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(4);
        assertThat(completion.validate().isValid()).isTrue();
    }

    @Test
    void streamAccumulatesToTheWhole() {
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (var stream = client.chat().completions().createStreaming(hi().n(2)
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build())) {
            stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
        }
        assertThat(accumulator.chatCompletion().choices()).hasSize(2)
                .allSatisfy(choice -> assertThat(choice.message().content()).contains("안녕하세요!"));
        assertThat(accumulator.chatCompletion().usage().orElseThrow().totalTokens()).isEqualTo(36 + 8);
    }

    @Test
    void completionsAndModelsAreUnderstood() {
        var completion = client.completions().create(CompletionCreateParams.builder().model("demo").prompt("a").logprobs(1).build());
        assertThat(completion.validate().choices().getFirst().text()).isEqualTo("안녕하세요!");
        assertThat(client.models().list().data()).extracting(com.openai.models.models.Model::id).containsExactly("demo", "org/name:tag");
        assertThat(client.models().retrieve("org/name:tag").validate().id()).isEqualTo("org/name:tag");
    }

    @Test
    void errorsBecomeTheClientsExceptions() {
        assertThatThrownBy(() -> client.chat().completions().create(hi().model("nobody").build())).isInstanceOf(NotFoundException.class)
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> client.chat().completions().create(hi().temperature(5).build())).isInstanceOf(BadRequestException.class);
        catalog.model().script(_ -> List.of(new TextEvent.Failure("out of memory")).iterator());
        assertThatThrownBy(() -> {
            try (var stream = client.chat().completions().createStreaming(hi().build())) {
                stream.stream().forEach(_ -> { });
            }
        }).isInstanceOf(SseException.class);
    }

    @Test
    void fullQueueIsRetriedAfterTheTimeAsked() {
        AtomicInteger tries = new AtomicInteger();
        catalog.model().script(request -> {
            if (tries.incrementAndGet() == 1) {
                throw new QueueFullException(1);
            }
            return FakeModel.saying(request, "second try").iterator();
        });
        assertThat(client.chat().completions().create(hi().build()).choices().getFirst().message().content()).contains("second try");
        tries.set(0);
        OpenAIClient impatient = client.withOptions(options -> options.maxRetries(0));
        assertThatThrownBy(() -> impatient.chat().completions().create(hi().build())).isInstanceOf(RateLimitException.class);
    }

    @Test
    void closingTheStreamCancelsTheGeneration() throws Exception {
        catalog.model().script(request -> java.util.stream.Stream.generate(() -> FakeModel.delta(request, 100, "word")).iterator());
        try (var stream = client.chat().completions().createStreaming(hi().build())) {
            assertThat(stream.stream().limit(5)).hasSize(5);
        }
        assertThat(catalog.model().streams().getFirst().closedWithin(java.time.Duration.ofSeconds(5))).isTrue();
    }
}
