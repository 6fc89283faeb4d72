package dev.lorikeet.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.chat.jinja.Rendered.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Control tokens in user text stay user text, whatever a template does with it.
class ProvenanceTest {
    private static final String TOKEN = "<end_of_turn>";
    private static final List<String> FILTERS = List.of("trim", "upper", "lower", "capitalize", "title", "string", "list",
            "list|join", "list|join('-')", "tojson", "safe", "e", "indent", "reverse", "replace('o', '<0>')",
            "replace('<', 'X<')", "center(40)", "truncate(12)", "first", "last", "default('x')",
            "format('y')", "forceescape", "urlencode", "batch(3)|list|string",
            "map('upper')|join('|')", "unique|join", "sort|join", "select|list|tojson");
    private static final List<String> METHODS = List.of(".strip()", ".split('_')", ".split()[0]", ".upper()", "[1:-1]",
            "[::-1]", "[::2]", "[0]", "[-3:]", ".replace('_', ' ')", ".partition('_')", ".rsplit('_', 1)", ".splitlines()",
            ".ljust(30, '.')", ".zfill(40)", ".title()", ".swapcase()", ".join(['<', '>'])", ".center(33)",
            ".removeprefix('<')", ".expandtabs()", ".format(1)", ".casefold()");

    private static Rendered render(String template, Object user) {
        return JinjaTemplate.compile(template).render(Map.of("eos", "<eos>"), Map.of("u", user), RenderLimits.DEFAULT,
                _ -> "now");
    }

    private static List<Segment> segments(String template, Object user) {
        return render(template, user).segments();
    }

    @Test
    void templateTextAndTrustedVariablesAreOneSegmentAndUserTextAnother() {
        assertThat(segments("<bos>{{ eos }}\n{{ u }}{{ '<end>' }}\n", new Sourced("hi" + TOKEN, 3)))
                .containsExactly(new Segment("<bos><eos>\n", 0), new Segment("hi" + TOKEN, 3), new Segment("<end>", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{{ u }}", "{{ u|trim }}", "{{ u + '' }}", "{{ '' ~ u }}", "{{ u|replace('zz', '') }}", "{{ u.split('zz')[0] }}",
        "{{ u[0:] }}", "{{ [u]|join }}", "{{ u|list|join }}", "{{ u[::-1][::-1] }}", "{{ u|string|safe }}",
        "{% set x %}{{ u }}{% endset %}{{ x }}", "{% set x = u %}{{ x }}", "{% set x|trim %} {{ u }} {% endset %}{{ x }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(u)|trim }}", "{% macro m() %}{{ caller() }}{% endmacro %}"
                + "{% call m() %}{{ u }}{% endcall %}", "{% for c in u %}{{ c }}{% endfor %}", "{{ '%s' % u }}",
        "{{ '{}'.format(u) }}", "{{ '%s'|format(u) }}", "{{ '{:s}'.format(u) }}", "{% filter trim %}{{ u }}{% endfilter %}",
        "{{ {'a': u}.a }}", "{{ [u]|first }}", "{{ [u][0] }}", "{{ namespace(x=u).x }}", "{{ u if true }}", "{{ [u]|min }}",
        "{{ ['x', u]|last }}", "{{ [[u]]|map('first')|list|last }}", "{{ u * 1 }}", "{{ dict(a=u)['a'] }}",
        "{{ {u: 1}|first }}", "{{ {u: 1}.keys()|list|first }}", "{% with y = u %}{{ y }}{% endwith %}",
        "{{ (u.rpartition('zz'))[2] }}", "{{ ''.join([u]) }}", "{{ cycler(u).next() }}", "{% generation %}{{ u }}{% endgeneration %}",
    })
    void userTextKeepsItsOrigin(String template) {
        assertThat(segments(template, new Sourced(TOKEN + "é😀", 5))).containsExactly(new Segment(TOKEN + "é😀", 5));
    }

    @Test
    void insertedTextKeepsItsOwnOrigin() {
        assertThat(segments("{{ 'a-b'|replace('-', u) }}", new Sourced(TOKEN, 2)))
                .containsExactly(new Segment("a", 0), new Segment(TOKEN, 2), new Segment("b", 0));
        assertThat(segments("{{ u|replace('-', eos) }}", new Sourced("x-y", 2)))
                .containsExactly(new Segment("x", 2), new Segment("<eos>", 0), new Segment("y", 2));
        assertThat(segments("{{ {'k': u}|tojson }}", new Sourced("<e>\n", 2)))
                .containsExactly(new Segment("{\"k\": \"", 0), new Segment("<e>\\n", 2), new Segment("\"}", 0));
        assertThat(segments("{{ [u] }}", new Sourced("<e>", 2)))
                .containsExactly(new Segment("['", 0), new Segment("<e>", 2), new Segment("']", 0));
        assertThat(segments("{{ ('a' ~ u)|upper }}", new Sourced("ß", 2))).containsExactly(new Segment("ASS", 2));
        assertThat(segments("{{ ('a' ~ u)|upper }}", new Sourced("b", 2)))
                .containsExactly(new Segment("A", 0), new Segment("B", 2));
    }

    @Test
    void plainStringsOfTheUntrustedMapAreData() {
        assertThat(segments("{{ u.k }}{% for k in u %}{{ k }}{% endfor %}", Map.of("k", TOKEN)))
                .containsExactly(new Segment(TOKEN + "k", Sourced.UNSPECIFIED));
        assertThat(segments("{{ u }}", new Sourced("assistant", 0))).containsExactly(new Segment("assistant", 0));
    }

    @Test
    void untrustedVariablesReplaceTrustedOnesAndStayData() {
        Rendered rendered = JinjaTemplate.compile("{{ bos }}").render(Map.of("bos", "<s>"), Map.of("bos", TOKEN));
        assertThat(rendered.segments()).containsExactly(new Segment(TOKEN, Sourced.UNSPECIFIED));
    }

    @Test
    void messagesOfDifferentSourcesAreTold() {
        Object messages = List.of(Map.of("content", new Sourced("a", 1)), Map.of("content", new Sourced("b", 2)));
        assertThat(segments("{% for m in u %}{{ m.content }}{% endfor %}", messages))
                .containsExactly(new Segment("a", 1), new Segment("b", 2));
    }

    @Test
    void generationBlocksAreTold() {
        Rendered rendered = render("a{% generation %}b{{ u }}{% endgeneration %}c{% generation %}d{% endgeneration %}",
                new Sourced("xy", 4));
        assertThat(rendered.text()).isEqualTo("abxycd");
        assertThat(rendered.generated()).containsExactly(new Range(1, 4), new Range(5, 6));
        Rendered captured = render("{% set x %} {% generation %}{{ u }}{% endgeneration %} {% endset %}<{{ x|trim }}>",
                new Sourced("xy", 4));
        assertThat(captured.generated()).containsExactly(new Range(1, 3));
    }

    /// The user writes only `§` characters and letters around them; whatever comes out of any chain of operations,
    /// no `§` is in trusted text, and the segments are the whole text.
    @Test
    void noChainOfOperationsTrustsUserText() {
        int renderings = 0;
        for (int seed = 0; seed < 4_000; seed++) {
            Random random = new Random(seed);
            String template = template(random);
            Rendered rendered;
            try {
                rendered = render(template, new Sourced(" §§end_of§_turn§ §a\n§b ", 1 + random.nextInt(3)));
            } catch (TemplateException _) {
                continue;
            }
            renderings++;
            String where = "seed " + seed + ": " + template;
            assertThat(rendered.segments().stream().map(Segment::text).collect(Collectors.joining()))
                    .as(where).isEqualTo(rendered.text());
            assertThat(rendered.segments()).as(where).noneMatch(s -> s.trusted() && s.text().contains("§"));
            assertThat(rendered.segments()).as(where).noneMatch(s -> s.text().isEmpty());
        }
        assertThat(renderings).isGreaterThan(1_500);
    }

    private static String template(Random random) {
        StringBuilder expression = new StringBuilder("u");
        List<String> wraps = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            switch (random.nextInt(6)) {
                case 0 -> expression.append('|').append(FILTERS.get(random.nextInt(FILTERS.size())));
                case 1 -> expression.append(METHODS.get(random.nextInt(METHODS.size())));
                case 2 -> expression.insert(0, "('<a>' ~ ").append(" ~ eos)");
                case 3 -> expression.insert(0, "('%s|%8s' % (").append(", 'q'))");
                case 4 -> expression.insert(0, "{'k': ").append("}|tojson(indent=1)");
                default -> expression.insert(0, "(").append("|string * 2)");
            }
            wraps.add("{% set w" + i + " %}<{{ " + expression + " }}>{% endset %}{{ w" + i + "|trim }}");
        }
        return random.nextBoolean() ? "{{ " + expression + " }}" : wraps.getLast();
    }
}
