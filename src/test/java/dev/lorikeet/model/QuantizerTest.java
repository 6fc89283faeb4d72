package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.model.Quantization.Code;
import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.store.Sha256;
import dev.lorikeet.tensor.CodeType;
import dev.lorikeet.tensor.DynamicMap;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;
import dev.lorikeet.tensor.Torch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Codes and scales to the last bit as bitsandbytes' kernels make them; `src/test/python/quantization_reference.py` made the numbers.
class QuantizerTest {
    private static final JsonNode VECTORS = Fixtures.json(Path.of("src/test/resources/quantization/vectors.json"));
    private static final TensorDevice CPU = new TensorDevice.Cpu();

    @ParameterizedTest
    @EnumSource(Code.class)
    void fourBitCodesAndScalesAreThoseOfTheKernels(Code code) throws IOException {
        var expected = VECTORS.get(code.configName());
        var made = quantize(new FourBit(code, false, Optional.empty()), 0);
        assertThat(hex(made.get("m.weight"))).isEqualTo(expected.get("codes").asText());
        assertThat(hex(made.get("m.weight.absmax"))).isEqualTo(expected.get("absmax").asText());
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void scalesOfScalesAreThoseOfTheKernels(Code code) throws IOException {
        var expected = VECTORS.get(code.configName()).get("nested");
        var made = quantize(new FourBit(code, true, Optional.empty()), 1);
        assertThat(hex(made.get("m.weight.nested_offset"))).isEqualTo(expected.get("offset").asText());
        assertThat(hex(made.get("m.weight.nested_absmax"))).isEqualTo(expected.get("absmax").asText());
        assertThat(hex(made.get("m.weight.absmax"))).isEqualTo(expected.get("codes").asText());
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void dequantizedValuesAreThoseOfTheFormat(Code code) {
        var expected = VECTORS.get(code.configName());
        long[] shape = {shape(0), shape(1)};
        Torch.enterThread(false);
        var options = new ModelPlan.Options(CPU, "float32", 0, 1).quantized(Optional.of(new FourBit(code, false, Optional.empty())));
        try (var owner = TensorOwner.open(CPU); var model = LoadedModel.load(ModelPlan.of(Fixtures.folder("llama"), options), _ -> { })) {
            var script = model.script();
            var empty = owner.ofFloats();
            var codes = owner.wrapCodes(script, direct(expected.get("codes")), CodeType.UINT8, shape[0], shape[1] / 2);
            var scales = owner.wrap(script, direct(expected.get("absmax")), ElementType.FLOAT32, ElementType.FLOAT32, bytes(expected.get("absmax")).length / 4);
            var table = owner.ofFloats(FourBitTables.pairs(code), 256, 2);
            byte[] values = script.record(owner, "dequantize_one", List.of(codes, scales, empty, empty, empty, table)).getFirst().toBytes()
                    .toArray(ValueLayout.JAVA_BYTE);
            assertThat(new Sha256().add(values).hex()).isEqualTo(expected.get("dequantized_sha256").asText());
        }
    }

    @Test
    void llmInt8CodesAndScalesAreThoseOfTheKernels() throws IOException {
        var made = quantize(new LlmInt8(), 1);
        assertThat(hex(made.get("m.weight"))).isEqualTo(VECTORS.get("llm-int8").get("codes").asText());
        assertThat(hex(made.get("m.SCB"))).isEqualTo(VECTORS.get("llm-int8").get("scales").asText());
    }

    @Test
    void mapOfEightBitCodesIsThePublishedOne() {
        // The last bits of the published values hang on how torch's linspace rounds on the machine that makes them.
        var published = ByteBuffer.wrap(HexFormat.of().parseHex(VECTORS.get("dynamic_map").asText())).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (float value : DynamicMap.signed()) {
            float expected = published.get();
            assertThat(value).isCloseTo(expected, within(2 * Math.ulp(expected)));
        }
        assertThat(published.hasRemaining()).isFalse();
    }

    /// What a matrix of the reference's values becomes, without its first rows. @return bytes by the name of the tensor
    private static Map<String, byte[]> quantize(Quantization scheme, int without) throws IOException {
        Torch.enterThread(false);
        var made = new LinkedHashMap<String, ByteArrayOutputStream>();
        var entry = new SafetensorsFile.Entry(Path.of("test"), "m.weight", ElementType.BFLOAT16, new long[] {shape(0), shape(1)}, direct(VECTORS.get("values")));
        var source = new TensorSource("m.weight", without, shape(0) - without);
        try (var quantizer = new Quantizer(CPU, scheme, ElementType.BFLOAT16)) {
            quantizer.quantize(new QuantizedUnit("m.weight", source, shape(0) - without, shape(1), scheme), entry, (name, bytes) ->
                    made.computeIfAbsent(name, _ -> new ByteArrayOutputStream()).writeBytes(bytes.toArray(ValueLayout.JAVA_BYTE)));
        }
        var result = new LinkedHashMap<String, byte[]>();
        made.forEach((name, bytes) -> result.put(name, bytes.toByteArray()));
        return result;
    }

    private static long shape(int dimension) {
        return VECTORS.get("shape").get(dimension).asLong();
    }

    private static byte[] bytes(JsonNode hex) {
        return HexFormat.of().parseHex(hex.asText());
    }

    private static MemorySegment direct(JsonNode hex) {
        byte[] bytes = bytes(hex);
        return MemorySegment.ofBuffer(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
