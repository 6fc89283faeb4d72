package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How the rows of a file become examples.
///
/// @param maxSeqLength longer rows lose their end
/// @param promptTemplate text with `{column}`s that turns any row into a prompt and its completion
/// @param chatTemplate in place of the model's own
/// @param skipBadRows leave out rows that cannot be read rather than refuse the file
public record DataOptions(int maxSeqLength, LearnedPart learned, Optional<PromptTemplate> promptTemplate, Optional<String> chatTemplate,
                          boolean skipBadRows, DataLimits limits) {
    /// What [#read] understands.
    public static final Set<String> KEYS = Set.of("max_seq_length", "max_length", "cutoff_len", "train_on_inputs", "assistant_only_loss", "mask_history", "prompt_template",
            "chat_template", "bad_rows");
    /// One option: as TRL called it, as it calls it now, and as others do.
    private static final List<String> LENGTH_NAMES = List.of("max_seq_length", "max_length", "cutoff_len");
    private static final int DEFAULT_LENGTH = 1024;

    public DataOptions {
        if (maxSeqLength < 2) {
            throw new DataRefusal("max_seq_length is " + maxSeqLength + "; it must be at least 2");
        }
    }

    public static DataOptions upTo(int maxSeqLength) {
        return new DataOptions(maxSeqLength, LearnedPart.ANSWERS, Optional.empty(), Optional.empty(), false, DataLimits.DEFAULT);
    }

    /// Reads the options among [#KEYS]; others are left to others.
    ///
    /// @throws DataRefusal naming the option that is of the wrong type, out of range or contradicts another
    public static DataOptions read(JsonNode options) {
        boolean everything = flag(options, "train_on_inputs", false);
        boolean answers = flag(options, "assistant_only_loss", true);
        boolean last = flag(options, "mask_history", false);
        if (everything && (last || options.path("assistant_only_loss").asBoolean(false))) {
            throw new DataRefusal("train_on_inputs is true, and so is " + (last ? "mask_history" : "assistant_only_loss") + "; choose one of them");
        }
        LearnedPart learned = everything || !answers ? LearnedPart.EVERYTHING : last ? LearnedPart.LAST_ANSWER : LearnedPart.ANSWERS;
        return new DataOptions(length(options), learned, text(options, "prompt_template").map(PromptTemplate::of), text(options, "chat_template"),
                skips(options), DataLimits.DEFAULT);
    }

    private static int length(JsonNode options) {
        List<String> names = LENGTH_NAMES.stream().filter(name -> given(options.path(name))).toList();
        if (names.isEmpty()) {
            return DEFAULT_LENGTH;
        }
        JsonNode value = options.get(names.getFirst());
        for (String other : names) {
            if (!options.get(other).equals(value)) {
                throw new DataRefusal(names.getFirst() + " is " + value + " and " + other + " is " + options.get(other)
                        + "; they are the same option, so give one of them");
            }
        }
        if (!value.canConvertToInt()) {
            throw new DataRefusal(names.getFirst() + " is " + value + "; it must be an integer of at least 2");
        }
        return value.intValue();
    }

    private static boolean skips(JsonNode options) {
        return text(options, "bad_rows").map(choice -> switch (choice) {
            case "skip" -> true;
            case "refuse" -> false;
            default -> throw new DataRefusal("bad_rows is '" + choice + "'; it must be refuse or skip");
        }).orElse(false);
    }

    private static boolean flag(JsonNode options, String key, boolean absent) {
        JsonNode value = options.path(key);
        if (given(value) && !value.isBoolean()) {
            throw new DataRefusal(key + " is " + value + "; it must be true or false");
        }
        return given(value) ? value.booleanValue() : absent;
    }

    private static Optional<String> text(JsonNode options, String key) {
        JsonNode value = options.path(key);
        if (given(value) && (!value.isTextual() || value.textValue().isBlank())) {
            throw new DataRefusal(key + " must be a text that is not empty");
        }
        return given(value) ? Optional.of(value.textValue()) : Optional.empty();
    }

    private static boolean given(JsonNode value) {
        return !value.isMissingNode() && !value.isNull();
    }
}
