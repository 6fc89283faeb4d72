package dev.lorikeet.api;

import dev.lorikeet.chat.TextEvent;

/// Counts the tokens of a request as its events come in.
final class UsageTally {
    private final RunningText text;
    private final int[] completion;
    private final int[] cached;

    UsageTally(RunningText text) {
        this.text = text;
        this.completion = new int[text.choices()];
        this.cached = new int[text.choices()];
    }

    void add(int choice, TextEvent.Delta delta) {
        completion[choice] += delta.tokens().size();
    }

    void end(int choice, TextEvent.Usage usage) {
        completion[choice] = usage.completionTokens();
        cached[choice] = usage.cachedTokens();
    }

    Usage usage() {
        int prompt = text.prompts().stream().mapToInt(p -> p.ids().length).sum();
        int reused = 0;
        // Later choices of a prompt reuse what the first has computed; that is no saving to report.
        for (int choice = 0; choice < cached.length; choice += text.perPrompt()) {
            reused += cached[choice];
        }
        return Usage.of(prompt, java.util.Arrays.stream(completion).sum(), reused);
    }
}
