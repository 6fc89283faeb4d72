package dev.lorikeet.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExampleTest {
    @Test
    void theFirstTokenIsNeverCountedAsLearnedSinceNothingPredictsIt() {
        assertThat(new Example(new int[] {1, 7, 2}, new int[] {1, 7, 2}, 1).learnedTokens()).isEqualTo(2);
        assertThat(new Example(new int[] {1, 7, 2}, new int[] {-100, -100, 2}, 1).learnedTokens()).isEqualTo(1);
    }

    @Test
    void aLabelThatIsNotTheTokensIdIsRefusedByPlace() {
        assertThatThrownBy(() -> new Example(new int[] {1, 7}, new int[] {-100, 8}, 3))
                .hasMessage("row 3: label 8 at place 1 is neither -100 nor the token's id, 7");
    }

    @Test
    void thereAreAsManyLabelsAsIds() {
        assertThatThrownBy(() -> new Example(new int[] {1, 7}, new int[] {1}, 3)).hasMessageContaining("2 input_ids and 1 labels");
    }
}
