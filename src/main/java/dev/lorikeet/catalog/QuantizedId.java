package dev.lorikeet.catalog;

import dev.lorikeet.model.Quantization;
import java.util.Optional;

/// The id of a model with matrices in fewer bits than its checkpoint's: `demo:nf4`. @param base the id of the model as it is
public record QuantizedId(String base, Quantization scheme) {
    /// Reads an id; empty if what stands behind its last colon is no scheme.
    public static Optional<QuantizedId> parse(String id) {
        int colon = id.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        try {
            return Optional.of(new QuantizedId(id.substring(0, colon), Quantization.parse(id.substring(colon + 1))));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// What stands behind the colon.
    public String schemeName() {
        return scheme.name();
    }

    /// With this scheme's own spelling of its name.
    String id() {
        return base + ":" + scheme.name();
    }
}
