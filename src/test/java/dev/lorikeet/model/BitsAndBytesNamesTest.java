package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The names and defaults of transformers' `BitsAndBytesConfig`.
class BitsAndBytesNamesTest {
    private static Optional<Quantization> read(String options) throws JsonProcessingException {
        return BitsAndBytesNames.read((ObjectNode) new ObjectMapper().readTree(options.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'load_in_4bit': true} | fp4-float32",
        "{'load_in_4bit': true, 'bnb_4bit_quant_type': 'nf4', 'bnb_4bit_use_double_quant': true, 'bnb_4bit_compute_dtype': 'bfloat16'} | nf4-dq-bfloat16",
        "{'load_in_4bit': true, 'bnb_4bit_quant_type': 'nf4', 'bnb_4bit_compute_dtype': 'float16', 'load_in_8bit': false} | nf4-float16",
        "{'load_in_8bit': true, 'r': 8} | llm-int8",
        "{'load_in_8bit': true, 'llm_int8_threshold': 0} | llm-int8-0.0",
        "{'quantization': 'int4-64'} | int4-64",
        "{'quantization': 'nf4', 'load_in_4bit': false} | nf4"})
    void aSchemeIsWhatTheNamesMeanInBitsandbytes(String options, String scheme) throws JsonProcessingException {
        assertThat(read(options)).map(Quantization::name).contains(scheme);
    }

    @Test
    void withoutThemNothingIsAskedFor() throws JsonProcessingException {
        assertThat(read("{'r': 8, 'load_in_4bit': false, 'load_in_8bit': null, 'quantization': null}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{'load_in_4bit': true, 'load_in_8bit': true} | load_in_8bit | together with `load_in_4bit`",
        "{'bnb_4bit_quant_type': 'nf4'} | bnb_4bit_quant_type | `load_in_4bit` is not true",
        "{'load_in_8bit': true, 'bnb_4bit_compute_dtype': 'float16'} | bnb_4bit_compute_dtype | `load_in_4bit` is not true",
        "{'load_in_4bit': false, 'bnb_4bit_use_double_quant': true} | bnb_4bit_use_double_quant | leave this out",
        "{'load_in_4bit': true, 'llm_int8_threshold': 6.0} | llm_int8_threshold | `load_in_8bit` is not true",
        "{'load_in_8bit': true, 'llm_int8_threshold': -1} | llm_int8_threshold | is -1",
        "{'load_in_4bit': 'yes'} | load_in_4bit | is \"yes\"; it must be true or false",
        "{'load_in_4bit': true, 'bnb_4bit_quant_type': 'int4'} | bnb_4bit_quant_type | must be nf4 or fp4",
        "{'load_in_4bit': true, 'bnb_4bit_quant_type': 4} | bnb_4bit_quant_type | must be a text",
        "{'load_in_4bit': true, 'bnb_4bit_compute_dtype': 'float8'} | bnb_4bit_compute_dtype | must be float16, bfloat16 or float32",
        "{'quantization': 'gptq'} | quantization | gptq",
        "{'quantization': 'nf4', 'load_in_4bit': true} | quantization | together with `load_in_4bit`"})
    void whatCannotBeIsRefusedByItsName(String options, String field, String message) {
        assertThatThrownBy(() -> read(options)).isInstanceOfSatisfying(BitsAndBytesNames.Refusal.class, e -> assertThat(e.field()).isEqualTo(field))
                .hasMessageStartingWith("`" + field + "` ").hasMessageContaining(message);
    }
}
