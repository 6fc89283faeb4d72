package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SnippetTextTest {
    @Test
    void marksGoAndEntitiesAreResolvedOnce() {
        assertThat(SnippetText.clean("<b>전월세</b> 신고 <B>Q</B>&amp;A")).isEqualTo("전월세 신고 Q&A");
        assertThat(SnippetText.clean("&lt;b&gt; is a tag of the page")).isEqualTo("<b> is a tag of the page");
        assertThat(SnippetText.clean("&amp;lt;b&amp;gt;")).isEqualTo("&lt;b&gt;");
        assertThat(SnippetText.clean("&quot;a&#39;b&apos;c&#x2F;d&nbsp;e")).isEqualTo("\"a'b'c/d e");
    }

    @Test
    void whatIsNoEntityStays() {
        assertThat(SnippetText.clean("R&D &unknown; AT&T & &;")).isEqualTo("R&D &unknown; AT&T & &;");
    }

    @Test
    void numbersOfNoCharacterBecomeTheReplacementCharacter() {
        assertThat(SnippetText.clean("a&#0;b&#xD800;c&#x110000;d&#128512;")).isEqualTo("a\ufffdb\ufffdc\ufffdd😀");
    }

    @Test
    void blanksCollapseAndInvisibleCharactersGo() {
        assertThat(SnippetText.clean("  가\r\n\t나&nbsp;&nbsp;다\u200b라\u202e마\u0007 ")).isEqualTo("가 나 다라마");
    }
}
