package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.Code;
import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.Int8;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.tensor.ElementType;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the names of schemes.
final class QuantizationName {
    private static final Pattern FOUR_BIT = Pattern.compile("(nf4|fp4)(?:-(\\d{2,4}))?(-dq)?(?:-(float32|bfloat16|float16))?");
    private static final Pattern INT4 = Pattern.compile("int4(?:-(\\d{2,3}))?");
    private static final Pattern LLM_INT8 = Pattern.compile("llm-int8(?:-(\\d{1,6}(?:\\.\\d{1,6})?))?");

    private QuantizationName() {}

    static Quantization parse(String name) {
        var fourBit = FOUR_BIT.matcher(name);
        var int4 = INT4.matcher(name);
        var llmInt8 = LLM_INT8.matcher(name);
        if (fourBit.matches()) {
            int block = group(fourBit, 2).map(Integer::valueOf).orElse(Quantization.STANDARD_BLOCK);
            return new FourBit(Code.ofConfig(fourBit.group(1)).orElseThrow(), block, fourBit.group(3) != null, group(fourBit, 4).flatMap(ElementType::ofConfig));
        }
        if (int4.matches()) {
            return new Int4(group(int4, 1).map(Integer::valueOf).orElse(Quantization.STANDARD_GROUP));
        }
        if (llmInt8.matches()) {
            return new LlmInt8(group(llmInt8, 1).map(Double::valueOf).orElse(Quantization.STANDARD_THRESHOLD));
        }
        if (name.equals("int8")) {
            return new Int8();
        }
        throw new IllegalArgumentException("quantization is `" + name + "`; it must be one of " + String.join(", ", Quantization.NAMES)
                + ", where nf4 and fp4 may go on with -dq (double quantisation) and -float32, -bfloat16 or -float16 (the type to compute in), and int4 with a group size, such as int4-64");
    }

    private static Optional<String> group(Matcher matcher, int number) {
        return Optional.ofNullable(matcher.group(number));
    }
}
