package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// OpenAI's own Java client.
class JavaClientIT {
    private static PackagedServer server;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(PackagedServer.DEMO);
        client = OpenAIOkHttpClient.builder().baseUrl(server.uri("/v1").toString()).apiKey("none").maxRetries(0).build();
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
    }

    private static ChatCompletionCreateParams.Builder chat(String message) {
        return ChatCompletionCreateParams.builder().model("demo").addUserMessage(message);
    }

    private static ChatCompletion create(ChatCompletionCreateParams.Builder params) {
        return client.chat().completions().create(params.build());
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElseThrow();
    }

    @Test
    void aChatHasTheReferenceAnswerItsUsageAndItsEnd() {
        var completion = create(chat("안녕").temperature(0));
        assertThat(text(completion)).isEqualTo("안녕하세요.");
        assertThat(completion.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        var usage = completion.usage().orElseThrow();
        assertThat(usage.promptTokens()).isEqualTo(13);
        assertThat(usage.completionTokens()).isEqualTo(4);
        assertThat(usage.totalTokens()).isEqualTo(17);
    }

    @Test
    void aStreamGivesTheSameTextAndItsUsageLast() {
        var params = chat("너 누구야?").temperature(0).streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build());
        var accumulator = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks;
        try (var stream = client.chat().completions().createStreaming(params.build())) {
            chunks = stream.stream().map(accumulator::accumulate).toList();
        }
        var whole = accumulator.chatCompletion();
        assertThat(text(whole)).isEqualTo("저는 Lorikeet에 들어 있는 아주 작은 시험용 모델이에요.");
        assertThat(whole.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(chunks).hasSizeGreaterThan(8);
        assertThat(chunks.getLast().choices()).isEmpty();
        assertThat(chunks.getLast().usage().orElseThrow().completionTokens()).isEqualTo(13);
        assertThat(chunks.subList(0, chunks.size() - 1)).allMatch(chunk -> chunk.usage().isEmpty());
    }

    @Test
    void aStreamThatIsClosedEarlyDoesNoHarm() {
        try (var stream = client.chat().completions().createStreaming(chat("What is LoRA?").temperature(0).build())) {
            assertThat(stream.stream().limit(3).count()).isEqualTo(3);
        }
        assertThat(text(create(chat("안녕").temperature(0)))).isEqualTo("안녕하세요.");
    }

    @Test
    void aTokenLimitEndsWithLength() {
        var completion = create(chat("What is LoRA?").temperature(0).maxCompletionTokens(4));
        assertThat(completion.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
        assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(4);
    }

    @Test
    void aStopStringEndsTheTextBeforeIt() {
        assertThat(text(create(chat("안녕").temperature(0).stopOfStrings(List.of("세"))))).isEqualTo("안녕하");
    }

    @Test
    void severalChoicesComeNumbered() {
        var completion = create(chat("심심해").n(3).seed(7).temperature(1.2));
        assertThat(completion.choices()).extracting(ChatCompletion.Choice::index).containsExactly(0L, 1L, 2L);
        assertThat(completion.choices()).extracting(choice -> choice.message().content().orElseThrow()).doesNotHaveDuplicates();
    }

    @Test
    void theSameSeedGivesTheSameTextAndAnotherSeedAnother() {
        var first = create(chat("심심해").seed(11).temperature(1.5));
        assertThat(text(create(chat("심심해").seed(11).temperature(1.5)))).isEqualTo(text(first));
        assertThat(text(create(chat("심심해").seed(12).temperature(1.5)))).isNotEqualTo(text(first));
    }

    @Test
    void logprobsListTheTokenFirstAndTheirTextsMakeTheAnswer() {
        var completion = create(chat("안녕").temperature(0).logprobs(true).topLogprobs(3));
        var tokens = completion.choices().getFirst().logprobs().orElseThrow().content().orElseThrow();
        assertThat(String.join("", tokens.stream().map(token -> token.token()).toList())).isEqualTo("안녕하세요.");
        assertThat(tokens).allSatisfy(token -> {
            assertThat(token.topLogprobs()).hasSize(3);
            assertThat(token.topLogprobs().getFirst().token()).isEqualTo(token.token());
            assertThat(token.logprob()).isEqualTo(token.topLogprobs().getFirst().logprob()).isNegative();
        });
    }

    @Test
    void completionsContinueSeveralPrompts() {
        var params = CompletionCreateParams.builder().model("demo").promptOfArrayOfStrings(List.of("안녕", "오늘")).temperature(0).maxTokens(5);
        var completion = client.completions().create(params.build());
        assertThat(completion.choices()).hasSize(2).allSatisfy(choice -> assertThat(choice.text()).isNotEmpty());
        assertThat(completion.usage().orElseThrow().completionTokens()).isLessThanOrEqualTo(10);
        try (var stream = client.completions().createStreaming(params.promptOfArrayOfStrings(List.of("안녕")).build())) {
            String streamed = String.join("", stream.stream().flatMap(chunk -> chunk.choices().stream()).map(choice -> choice.text()).toList());
            assertThat(streamed).isEqualTo(completion.choices().getFirst().text());
        }
    }

    @Test
    void theServedModelIsListedAndFound() {
        assertThat(client.models().list().data()).extracting(Model::id).containsExactly("demo");
        assertThat(client.models().retrieve("demo").id()).isEqualTo("demo");
    }

    @Test
    void anUnknownModelIsNotFound() {
        assertThatThrownBy(() -> client.models().retrieve("gpt-9")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> create(chat("안녕").model("gpt-9"))).asInstanceOf(type(NotFoundException.class)).satisfies(e -> {
            assertThat(e.code()).contains("model_not_found");
            assertThat(e.param()).contains("model");
            assertThat(e).hasMessageContaining("gpt-9");
        });
    }

    @Test
    void aValueOutOfRangeIsABadRequestThatNamesTheField() {
        assertThatThrownBy(() -> create(chat("안녕").temperature(-1))).asInstanceOf(type(BadRequestException.class)).satisfies(e -> {
            assertThat(e.param()).contains("temperature");
            assertThat(e.type()).contains("invalid_request_error");
        });
    }

    @Test
    void aPromptLongerThanTheContextIsABadRequestWithBothNumbers() {
        assertThatThrownBy(() -> create(chat("안녕 ".repeat(2000)))).asInstanceOf(type(BadRequestException.class)).satisfies(e -> {
            assertThat(e.code()).contains("context_length_exceeded");
            assertThat(e).hasMessageContaining("1024").hasMessageMatching("(?s).*\\b[2-9]\\d{3}\\b.*");
        });
    }
}
