package dev.lorikeet.catalog;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.BitsAndBytesNames;
import dev.lorikeet.model.Quantization;
import java.util.Optional;
import java.util.Set;

/// How a model is to be loaded. @param quantization of its matrices; empty: as the catalog knows the model
public record LoadOptions(Optional<Quantization> quantization) {
    /// The names that [#read] knows.
    public static final Set<String> NAMES = BitsAndBytesNames.KEYS;

    /// What is wrong, and with which name.
    public static final class WrongOption extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String field;

        WrongOption(BitsAndBytesNames.Refusal refusal) {
            super(refusal.getMessage(), refusal);
            this.field = refusal.field();
        }

        public String field() {
            return field;
        }
    }

    /// Reads `quantization` or the names of bitsandbytes; others are left alone. @throws WrongOption
    public static LoadOptions read(ObjectNode request) {
        try {
            return new LoadOptions(BitsAndBytesNames.read(request));
        } catch (BitsAndBytesNames.Refusal e) {
            throw new WrongOption(e);
        }
    }
}
