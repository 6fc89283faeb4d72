package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// How pairs are shortened, as TRL does it: first the prompt, then the whole of prompt and answer.
///
/// @param maxPromptLength longer prompts lose their beginning
/// @param keepEnd whether what is longer than `max_length` loses its beginning rather than its end
public record PreferenceLengths(OptionalInt maxPromptLength, boolean keepEnd) {
    /// What [#read] understands.
    public static final List<String> KEYS = List.of("max_prompt_length", "truncation_mode");
    /// Nothing but `max_length`, which takes the end.
    public static final PreferenceLengths DEFAULT = new PreferenceLengths(OptionalInt.empty(), false);

    /// Reads the options among [#KEYS]; others are left to others.
    ///
    /// @throws DataRefusal naming the option that is of the wrong type or out of range
    public static PreferenceLengths read(JsonNode options) {
        JsonNode length = options.path("max_prompt_length");
        boolean given = !length.isMissingNode() && !length.isNull();
        if (given && (!length.canConvertToInt() || !length.isIntegralNumber() || length.intValue() < 1)) {
            throw new DataRefusal("max_prompt_length is " + length + "; it must be an integer of at least 1");
        }
        JsonNode mode = options.path("truncation_mode");
        boolean keepEnd = switch (mode.isMissingNode() || mode.isNull() ? "keep_start" : mode.asText()) {
            case "keep_start" -> false;
            case "keep_end" -> true;
            default -> throw new DataRefusal("truncation_mode is " + mode + "; it must be keep_start or keep_end");
        };
        return new PreferenceLengths(given ? OptionalInt.of(length.intValue()) : OptionalInt.empty(), keepEnd);
    }

    boolean shortensPrompt(int promptLength) {
        return maxPromptLength.isPresent() && promptLength > maxPromptLength.getAsInt();
    }

    /// A sequence whose first `promptLength` tokens are the prompt.
    Example shortened(Example whole, int promptLength, int maxLength) {
        int from = shortensPrompt(promptLength) ? promptLength - maxPromptLength.getAsInt() : 0;
        int to = whole.length();
        if (to - from > maxLength) {
            from = keepEnd ? to - maxLength : from;
            to = from + maxLength;
        }
        return from == 0 && to == whole.length() ? whole
                : new Example(Arrays.copyOfRange(whole.inputIds(), from, to), Arrays.copyOfRange(whole.labels(), from, to), whole.line());
    }
}
