package dev.lorikeet.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The places where other engines differ from Python's Jinja.
class JinjaTemplateTest {
    private static String render(String template) {
        return render(template, Map.of());
    }

    private static String render(String template, Map<String, Object> variables) {
        return JinjaTemplate.compile(template).render(Map.of(), variables, RenderLimits.DEFAULT, format -> format).text();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{{ not x is defined }}                     | True",
        "{{ 1 + -2\u00a6abs }}                      | 3",
        "{{ 2 * 'ab'\u00a6length }}                 | 4",
        "{{ 1 ~ 2 + 3 }}                            | error",
        "{{ none }} {{ true }} {{ [none, 'a'] }}    | None True [None, 'a']",
        "{{ {'a': 1.0, 'b': (1,)} }}                | {'a': 1.0, 'b': (1,)}",
        "{{ x is none }}{{ x }}{{ x == none }}      | FalseFalse",
        "{{ x.y }}                                  | error",
        "{{ 'a' + ['b'] }}                          | error",
        "{{ '😀é'\u00a6length }}{{ '😀é'[1:] }}      | 2é",
        "{{ 0.0000001 }} {{ 1e22 }} {{ 100000.0 }}  | 1e-07 1e+22 100000.0",
        "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }}    | 3 -4 2",
        "{{ 'no' if false }}                        | ``",
        "{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }}            | True False",
        "{{ 9223372036854775807 + 1 }}              | 9223372036854775808",
        "{{ 'x' if [1]\u00a6select('odd') else 'y' }} | x",
        "{{ {'items': 1}.items is callable }}       | True",
        "{{ '{{ 7*7 }}' }}                          | {{ 7*7 }}",
    })
    void printsWhatPythonPrints(String template, String expected) {
        String source = template.replace('\u00a6', '|');
        if (expected.equals("error")) {
            assertThatThrownBy(() -> render(source)).isInstanceOf(TemplateException.class);
        } else {
            assertThat(render(source)).isEqualTo(expected);
        }
    }

    @Test
    void oneLineEndOfTheSourceIsDroppedAndLineEndsAreMadePlain() {
        assertThat(render("a\r\nb\rc\n\n")).isEqualTo("a\nb\nc\n");
    }

    @Test
    void blocksTakeTheirLineAndVariablesDoNot() {
        assertThat(render("  {% if true %}\n x\n  {% endif %}\n{{ 1 }}\n{# c #}\ny")).isEqualTo(" x\n1\ny");
        assertThat(render("a\n  {%+ if true %}b{% endif +%}\nc")).isEqualTo("a\n  b\nc");
    }

    @Test
    void aSetInsideALoopDoesNotLeakAndANamespaceDoes() {
        assertThat(render("{% set x = 1 %}{% for i in [2, 3] %}{{ x }}{% set x = i %}{% endfor %}{{ x }}")).isEqualTo("111");
        assertThat(render("{% set n = namespace(x=1) %}{% for i in [2, 3] %}{% set n.x = i %}{% endfor %}{{ n.x }}"))
                .isEqualTo("3");
    }

    @Test
    void continueKeepsWhatTheBodyAlreadyWrote() {
        assertThat(render("{% for i in [1, 2, 3] %}<{% if i == 2 %}{% continue %}{% endif %}{{ i }}>{% endfor %}"))
                .isEqualTo("<1><<3>");
    }

    @Test
    void userTextIsNeverReadAsATemplate() {
        assertThat(render("{{ u }}", Map.of("u", "{{ 7*7 }}{% if %}"))).isEqualTo("{{ 7*7 }}{% if %}");
    }

    @Test
    void messagesCannotBeChanged() {
        Map<String, Object> message = new LinkedHashMap<>(Map.of("role", "user"));
        List<Object> messages = new ArrayList<>(List.of(message));
        assertThatThrownBy(() -> render("{{ m.append(1) }}", Map.of("m", messages)))
                .isInstanceOf(TemplateException.class).hasMessageContaining("SecurityError");
        assertThatThrownBy(() -> render("{{ m[0].update({}) }}", Map.of("m", messages)))
                .isInstanceOf(TemplateException.class).hasMessageContaining("SecurityError");
        assertThat(render("{{ m.append is defined }}{% set m = m + [1] %}{{ m|length }}", Map.of("m", messages)))
                .isEqualTo("False2");
        assertThat(messages).containsExactly(Map.of("role", "user"));
    }

    @Test
    void readsJavaValues() {
        Map<String, Object> values = new HashMap<>();
        values.put("v", Arrays.asList(1, 2L, new BigInteger("99999999999999999999"), 1.5, 0.5f, new BigDecimal("2.50"),
                true, null, "s", new Sourced("t", 1)));
        assertThat(render("{{ v }}", values))
                .isEqualTo("[1, 2, 99999999999999999999, 1.5, 0.5, 2.5, True, None, 's', 't']");
    }

    @Test
    void otherTemplatesCannotBeLoaded() {
        for (String tag : List.of("include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'")) {
            assertThatThrownBy(() -> JinjaTemplate.compile("{% " + tag + " %}"))
                    .isInstanceOf(TemplateException.class).hasMessageContaining("is not supported in a chat template");
        }
    }

    @Test
    void aTemplateRendersAgainAndAgain() {
        JinjaTemplate template = JinjaTemplate.compile("{% for m in u %}{{ m }}{% endfor %}");
        assertThat(template.render(Map.of(), Map.of("u", List.of("a", "b"))).text()).isEqualTo("ab");
        assertThat(template.render(Map.of(), Map.of("u", List.of("c"))).text()).isEqualTo("c");
    }
}
