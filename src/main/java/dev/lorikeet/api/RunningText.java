package dev.lorikeet.api;

import dev.lorikeet.access.Allowance;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.registry.ServedModel;
import java.util.List;

/// The texts that one request has started: its hold on the model and its adapters and its sequences. Closing it cancels what still runs.
///
/// @param running counts against the limits of whoever asked @param perPrompt choices of each prompt: choice c continues prompt c / perPrompt
record RunningText(ServedModel served, List<Prompt> prompts, int perPrompt, ChoiceEvents events, Allowance.Running running) implements AutoCloseable {
    String modelId() {
        return served.id();
    }

    TextModel model() {
        return served.model();
    }

    Prompt promptOf(int choice) {
        return prompts.get(choice / perPrompt);
    }

    int choices() {
        return events.size();
    }

    @Override
    public void close() {
        try {
            events.close();
        } finally {
            running.close();
            served.close();
        }
    }
}
