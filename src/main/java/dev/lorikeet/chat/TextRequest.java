package dev.lorikeet.chat;

import dev.lorikeet.engine.GenerationRequest;
import java.util.List;

/// One text to generate.
///
/// @param stopStrings 0–16 non-empty strings that end the text
/// @param includeStopString keep the matched stop string (or stop token) in the text
/// @param skipSpecialTokens leave special tokens out of the text
public record TextRequest(GenerationRequest generation, List<String> stopStrings, boolean includeStopString, boolean skipSpecialTokens) {
    public TextRequest {
        stopStrings = List.copyOf(stopStrings);
    }
}
