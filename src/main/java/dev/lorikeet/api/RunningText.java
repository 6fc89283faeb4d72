package dev.lorikeet.api;

import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.chat.TextModel;
import java.util.List;

/// The texts that one request has started: its lease on the model and its sequences. Closing it cancels what still runs.
///
/// @param perPrompt choices of each prompt: choice c continues prompt c / perPrompt
record RunningText(ModelLease lease, List<Prompt> prompts, int perPrompt, ChoiceEvents events) implements AutoCloseable {
    String modelId() {
        return lease.entry().id();
    }

    TextModel model() {
        return lease.model();
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
            lease.close();
        }
    }
}
