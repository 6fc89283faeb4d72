package dev.lorikeet.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A template from a stranger ends with a clear error, soon, and without the end of the stack or the heap.
class BudgetTest {
    static List<String> deepSources() {
        return List.of(
                "{{ " + "(".repeat(20_000) + "1" + ")".repeat(20_000) + " }}",
                "{{ " + "[".repeat(20_000) + "]".repeat(20_000) + " }}",
                "{{ " + "{1:".repeat(20_000) + " }}",
                "{% if 1 %}".repeat(5_000) + "{% endif %}".repeat(5_000),
                "{% for x in [1] %}".repeat(5_000) + "{% endfor %}".repeat(5_000),
                "{{ " + "not ".repeat(20_000) + "1 }}",
                "{{ " + "-".repeat(20_000) + "1 }}",
                "{{ 1 " + "if 1 else 2 ".repeat(20_000) + "}}",
                "{{ a" + "[a".repeat(20_000) + "]".repeat(20_000) + " }}",
                "{{ f" + "(f".repeat(20_000) + ")".repeat(20_000) + " }}",
                "{{ 1 is eq " + "(1 is eq ".repeat(20_000) + "1" + ")".repeat(20_000) + " }}",
                "{{ 1 is eq 1" + "(1)".repeat(20_000) + " }}",
                "{% set " + "(".repeat(20_000) + "a" + ")".repeat(20_000) + " = 1 %}",
                "{{ a" + "|upper".repeat(20_000) + " }}",
                "{{ a" + "[0]".repeat(20_000) + " }}",
                "{{ 1" + " + 1".repeat(20_000) + " }}",
                "{{ 1" + " and 1".repeat(20_000) + " }}",
                "{{ 1" + " ** 1".repeat(20_000) + " }}");
    }

    @ParameterizedTest
    @MethodSource("deepSources")
    void deepTemplatesFailWithAClearError(String source) throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread small = new Thread(null, () -> {
            try {
                JinjaTemplate.compile(source).render(Map.of("a", "x"), Map.of());
            } catch (Throwable error) {
                thrown[0] = error;
            }
        }, "small stack", 512 << 10);
        small.start();
        small.join();
        assertThat(thrown[0]).isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for a in range(99) %}{% set ns.s = ns.s|replace('b', ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for a in range(99) %}{% set ns.s = ns.s.join('xyz') %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for a in range(99) %}{% set ns.s = [ns.s, ns.s]|tojson %}{% endfor %}",
        "{% set ns = namespace(s=2) %}{% for a in range(99) %}{% set ns.s = ns.s * ns.s %}{% endfor %}",
        "{{ 'x' * 999999999999 }}",
        "{{ [0] * 999999999999 }}",
        "{{ 10 ** (10 ** 10) }}",
        "{{ (2 ** 60000) ** 60000 }}",
        "{{ 'x'.ljust(2000000000) }}",
        "{{ 'x'|center(2000000000) }}",
        "{{ '%2000000000d' % 1 }}",
        "{{ '%*d' % (2000000000, 1) }}",
        "{{ '{:2000000000}'.format(1) }}",
        "{{ '\t'.expandtabs(2000000000) }}",
        "{{ 'a\nb'|indent(2000000000) }}",
        "{{ [1]|tojson(indent=2000000000) }}",
        "{{ [1]|batch(2000000000, 0)|list }}",
        "{{ [1]|slice(2000000000)|list }}",
        "{{ range(2000000000) }}",
        "{{ 1|round(2000000000) ~ 1|round(-2000000000) ~ 1.5|round(-2000000000) }}{{ raise_exception('x') }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ caller() }}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{% call m() %}{% endcall %}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns = namespace() %}{% set ns.s = ns %}{{ ns }}",
        "{% set ns = namespace(s=[]) %}{% for a in range(99999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace(s=[]) %}{% for a in range(99999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|tojson }}",
        "{% set ns = namespace(s=[], t=[]) %}{% for a in range(99999) %}{% set ns.s = [ns.s] %}{% set ns.t = [ns.t] %}"
                + "{% endfor %}{{ ns.s == ns.t }}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(9999) %}{% set ns.s = ns.s|map('string') %}{% endfor %}"
                + "{{ ns.s|list }}",
        "{% set ns = namespace(s=()) %}{% for a in range(99999) %}{% set ns.s = (ns.s,) %}{% endfor %}{{ {ns.s: 1} }}",
        "{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% set p = 'a' * 2000000 ~ 'b' %}{% for a in range(99999) %}{% if p in s %}{% endif %}"
                + "{% set x = s.find(p) + s.count(p) + s.rfind(p) %}{% set x = s.split(p) %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% set t = ('a' * 4000000) %}{% for a in range(99999) %}{% if s == t %}{% endif %}"
                + "{% if s < t %}{% endif %}{% set x = s.startswith(t) %}{% set x = s|upper %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% for a in range(99999) %}{% set x = s[1:] %}{% set x = {s: 1}[x ~ 'a'] %}{% endfor %}",
        "{% set l = ['a' * 400000 + 'b', 'a' * 400000 + 'c'] * 400000 %}{{ l|sort|length }}",
    })
    void costlyTemplatesEndSoon(String source) {
        JinjaTemplate template = JinjaTemplate.compile(source);
        // Hours without a budget; how many seconds with it is the machine's matter.
        Assertions.assertTimeout(Duration.ofMinutes(1), () -> assertThatThrownBy(
                () -> template.render(Map.of(), Map.of())).isInstanceOf(TemplateException.class));
    }

    @Test
    void longUserTextWithEmojiIsReadInLinearTime() {
        String content = "😀a".repeat(200_000);
        JinjaTemplate template = JinjaTemplate.compile(
                "{{ c[::-1]|length }}{% set ns = namespace(n=0) %}{% for x in c %}{% if loop.last %}{{ x }}{% endif %}"
                        + "{% endfor %}{{ c.split('a')|length }}{{ c.expandtabs()|length }}");
        // Hours without a budget; how many seconds with it is the machine's matter.
        Assertions.assertTimeout(Duration.ofMinutes(1), () -> template.render(Map.of(), Map.of("c", content)));
    }

    @Test
    void outputIsBounded() {
        RenderLimits limits = new RenderLimits(1_000_000, 100, 1_000, 1_000);
        JinjaTemplate template = JinjaTemplate.compile("{% for a in range(400) %}abc{% endfor %}");
        assertThatThrownBy(() -> template.render(Map.of(), Map.of(), limits, format -> format))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("a text longer than 1000 characters");
    }

    @Test
    void errorsNameLineAndColumn() {
        JinjaTemplate template = JinjaTemplate.compile("a\r\nb {{ 1 +\n none }}");
        assertThatThrownBy(() -> template.render(Map.of(), Map.of()))
                .isInstanceOfSatisfying(TemplateException.class, error -> {
                    assertThat(error.line()).isEqualTo(2);
                    assertThat(error.column()).isEqualTo(8);
                    assertThat(error).hasMessage("TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'"
                            + " (line 2, column 8)");
                });
        assertThatThrownBy(() -> JinjaTemplate.compile("\n{% if x %}"))
                .isInstanceOfSatisfying(TemplateException.class, error -> assertThat(error.line()).isEqualTo(2));
    }

    @Test
    void aRaisedExceptionIsItsOwnTypeWithTheTemplatesMessage() {
        JinjaTemplate template = JinjaTemplate.compile("{{ raise_exception('System role not supported') }}");
        assertThatThrownBy(() -> template.render(Map.of(), Map.of()))
                .isInstanceOf(RaisedByTemplate.class)
                .hasMessage("System role not supported");
    }
}
