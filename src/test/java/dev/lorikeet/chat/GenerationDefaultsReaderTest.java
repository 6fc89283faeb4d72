package dev.lorikeet.chat;

import static dev.lorikeet.chat.TinyTokenizers.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.store.BadFileException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationDefaultsReaderTest {
    @TempDir
    Path folder;

    @Test
    void endTokensOfAllFilesAreUnited() {
        write(folder.resolve("generation_config.json"), "{'eos_token_id':[1,106]}");
        write(folder.resolve("config.json"), "{'eos_token_id':7,'text_config':{'eos_token_id':[8]}}");
        assertThat(GenerationDefaultsReader.read(folder, Set.of(50)).endTokenIds()).containsExactlyInAnyOrder(1, 106, 7, 8, 50);
    }

    @Test
    void samplingDefaultsAreReadWhateverDoSampleSays() {
        write(folder.resolve("generation_config.json"), "{'do_sample':false,'temperature':0.6,'top_p':0.9,'top_k':20,'min_p':0.1,'typical_p':0.5,"
                + "'repetition_penalty':1.05,'max_new_tokens':64,'eos_token_id':2,'pad_token_id':null}");
        GenerationDefaults defaults = GenerationDefaultsReader.read(folder, Set.of());
        assertThat(defaults.temperature()).hasValue(0.6);
        assertThat(defaults.topP()).hasValue(0.9);
        assertThat(defaults.topK()).hasValue(20);
        assertThat(defaults.minP()).hasValue(0.1);
        assertThat(defaults.typicalP()).hasValue(0.5);
        assertThat(defaults.repetitionPenalty()).hasValue(1.05);
        assertThat(defaults.maxNewTokens()).hasValue(64);
        assertThat(defaults.doSample()).contains(false);
    }

    @Test
    void nothingIsInventedWhereFilesAreSilent() {
        write(folder.resolve("generation_config.json"), "{'temperature':null,'eos_token_id':null}");
        GenerationDefaults defaults = GenerationDefaultsReader.read(folder, Set.of());
        assertThat(defaults.temperature()).isEmpty();
        assertThat(defaults.topK()).isEmpty();
        assertThat(defaults.doSample()).isEmpty();
        assertThat(defaults.endTokenIds()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'temperature':'hot'}|temperature", "{'temperature':-1}|temperature", "{'top_p':0}|top_p", "{'top_p':1.5}|top_p", "{'top_k':2.5}|top_k",
        "{'top_k':-1}|top_k", "{'min_p':2}|min_p", "{'repetition_penalty':0}|repetition_penalty", "{'max_new_tokens':0}|max_new_tokens",
        "{'eos_token_id':'x'}|eos_token_id", "{'eos_token_id':[1,-2]}|eos_token_id[1]", "{'do_sample':1}|do_sample", "{'temperature':NaN}|JSON", "[1]|object"})
    void badValuesNameFileAndField(String json, String field) {
        write(folder.resolve("generation_config.json"), json);
        assertThatThrownBy(() -> GenerationDefaultsReader.read(folder, Set.of())).isInstanceOf(BadFileException.class)
                .hasMessageContaining("generation_config.json").hasMessageContaining(field);
    }
}
