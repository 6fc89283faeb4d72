package dev.lorikeet.chat.jinja;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Chat templates: they render within their limits, or fail in one of the two ways in which templates fail.
public final class TemplateFuzz {
    private static final RenderLimits LIMITS = new RenderLimits(20_000, 100, 1 << 16, 1 << 12);
    private static final Map<String, ?> CHAT = Map.of("messages", List.of(Map.of("role", "user", "content", "안녕 <|im_end|>"), Map.of("role", "assistant", "content", "a b")),
            "tools", List.of(Map.of("type", "function", "function", Map.of("name", "f", "parameters", Map.of("x", 1.5)))), "add_generation_prompt", true);

    private TemplateFuzz() {}

    /// Called by the fuzzer.
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            JinjaTemplate.compile(new String(data, StandardCharsets.UTF_8)).render(Map.of("bos_token", "<s>", "eos_token", "</s>"), CHAT, LIMITS, format -> format);
        } catch (TemplateException _) {
            // Refused, or it refuses the conversation.
        }
    }
}
