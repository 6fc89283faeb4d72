package dev.lorikeet.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChatLineTest {
    @Test
    void whatIsNoCommandIsAQuestion() {
        assertThat(ChatLine.parse("  안녕? ")).isEqualTo(new ChatLine.Question("안녕?"));
        assertThat(ChatLine.parse("1/2")).isEqualTo(new ChatLine.Question("1/2"));
        assertThat(ChatLine.parse("a\nb")).isEqualTo(new ChatLine.Question("a\nb"));
        assertThat(ChatLine.parse(" \t")).isEqualTo(new ChatLine.Blank());
    }

    @Test
    void aLeadingBlankMakesAPathAQuestion() {
        assertThat(ChatLine.parse(" /etc/hosts")).isEqualTo(new ChatLine.Question("/etc/hosts"));
        assertThat(ChatLine.parse("/etc/hosts")).isEqualTo(new ChatLine.Unknown("/etc/hosts"));
    }

    @Test
    void aCommandHasTheRestOfItsLine() {
        assertThat(ChatLine.parse("/adapter law@2")).isEqualTo(new ChatLine.Told(SlashCommand.ADAPTER, "law@2"));
        assertThat(ChatLine.parse("/system  Answer\nin two  words. ")).isEqualTo(new ChatLine.Told(SlashCommand.SYSTEM, "Answer\nin two  words."));
        assertThat(ChatLine.parse("/quit")).isEqualTo(new ChatLine.Told(SlashCommand.QUIT, ""));
    }

    @Test
    void theHelpHasEveryCommand() {
        assertThat(SlashCommand.helpText()).contains(Arrays.stream(SlashCommand.values()).map(SlashCommand::word).toList());
    }
}
