package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.Int8;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.model.QuantizedFile.Slot;
import dev.lorikeet.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// A matrix that is quantised as one, and how its parts are called where they are stored: bitsandbytes' formats as bitsandbytes calls them.
///
/// @param name of its codes @param source where its values are
record QuantizedUnit(String name, TensorSource source, long rows, long columns, Quantization scheme) {
    static final String ABSMAX = ".absmax";
    static final String NESTED_ABSMAX = ".nested_absmax";
    static final String NESTED_OFFSET = ".nested_offset";
    static final String SCALE = ".scale";
    static final String SCALES_AND_ZEROS = ".scales_and_zeros";

    /// bitsandbytes' formats take a fused matrix as one, since its blocks and means run through; the others are made of rows.
    static String name(Quantization scheme, TensorSource source) {
        return switch (scheme) {
            case FourBit _, LlmInt8 _ -> source.name();
            case Int8 _, Int4 _ -> source.rows() == 0 ? source.name() : source.name() + "@" + source.fromRow();
        };
    }

    /// `x.weight` to `x.SCB`.
    static String scb(String weight) {
        return weight.substring(0, weight.length() - "weight".length()) + "SCB";
    }

    /// All matrices of a model that a scheme quantises: those of the layers; our own schemes take the head in eight bits as well.
    static List<QuantizedUnit> of(ModelPlan plan, Quantization scheme, Checkpoint checkpoint) {
        var units = new LinkedHashMap<String, QuantizedUnit>();
        if (scheme instanceof Int8 || scheme instanceof Int4) {
            boolean shared = plan.config().tieWordEmbeddings() && checkpoint.find(Weights.EMBEDDING).isPresent();
            var entry = checkpoint.require(shared ? Weights.EMBEDDING : Weights.HEAD);
            units.put(Weights.HEAD, new QuantizedUnit(Weights.HEAD, TensorSource.whole(entry.name()), entry.shape()[0], entry.shape()[1], new Int8()));
        }
        for (int layer = 0; layer < plan.config().numHiddenLayers(); layer++) {
            for (LayerTensor part : LayerTensor.values()) {
                var source = part.isMatrix() ? plan.family().source(plan.config(), layer, part) : java.util.Optional.<TensorSource>empty();
                source.ifPresent(where -> units.computeIfAbsent(name(scheme, where), name -> unit(name, scheme, where, checkpoint.require(where.name()))));
            }
        }
        return List.copyOf(units.values());
    }

    private static QuantizedUnit unit(String name, Quantization scheme, TensorSource source, SafetensorsFile.Entry entry) {
        long columns = entry.shape()[entry.shape().length - 1];
        if (name.equals(source.name())) {
            return new QuantizedUnit(name, TensorSource.whole(name), entry.shape()[0], columns, Quantizer.suited(scheme, entry.shape()[0], columns));
        }
        return new QuantizedUnit(name, source, source.rows(), columns, Quantizer.suited(scheme, source.rows(), columns));
    }

    /// What it is stored as. @param type the model's
    List<Slot> slots(ElementType type) {
        var slots = new ArrayList<Slot>();
        switch (scheme) {
            case FourBit four -> {
                slots.add(new Slot(name, "U8", 1, rows, columns / 2));
                long blocks = (rows * columns + four.block() - 1) / four.block();
                slots.add(four.doubleQuantized() ? new Slot(name + ABSMAX, "U8", 1, blocks) : new Slot(name + ABSMAX, "F32", 4, blocks));
                if (four.doubleQuantized()) {
                    slots.add(new Slot(name + NESTED_ABSMAX, "F32", 4, (blocks + 255) / 256));
                    slots.add(new Slot(name + NESTED_OFFSET, "F32", 4, 1));
                }
            }
            case Int8 _ -> {
                slots.add(new Slot(name, "I8", 1, rows, columns));
                slots.add(new Slot(name + SCALE, type.safetensorsName(), type.bytes(), rows));
            }
            case LlmInt8 _ -> {
                slots.add(new Slot(name, "I8", 1, rows, columns));
                slots.add(new Slot(scb(name), "F32", 4, rows));
            }
            case Int4(int group) -> {
                slots.add(new Slot(name, "U8", 1, rows, columns / 2));
                slots.add(new Slot(name + SCALES_AND_ZEROS, type.safetensorsName(), type.bytes(), columns / group, rows, 2));
            }
        }
        return slots;
    }
}
