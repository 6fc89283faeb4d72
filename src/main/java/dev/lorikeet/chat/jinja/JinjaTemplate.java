package dev.lorikeet.chat.jinja;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A chat template, compiled once and rendered from any number of threads.
///
/// Follows Jinja2 as `transformers` sets it up: `trim_blocks`, `lstrip_blocks`, loop controls, `generation` blocks,
/// the immutable sandbox. The text is the same, character for character, and every character knows its source.
public final class JinjaTemplate {
    private final Source source;
    private final List<Statement> body;

    private JinjaTemplate(Source source, List<Statement> body) {
        this.source = source;
        this.body = body;
    }

    /// Compiles a template.
    ///
    /// @throws TemplateException where it is not a template this interpreter can run
    public static JinjaTemplate compile(String text) {
        Source source = Source.normalised(text);
        try {
            return new JinjaTemplate(source, new Parser(source).template());
        } catch (PythonError error) {
            throw source.located(error, 0);
        } catch (StackOverflowError _) {
            throw source.fail("the template is nested too deeply", 0);
        }
    }

    /// Renders with the default limits and the local time.
    public Rendered render(Map<String, ?> trusted, Map<String, ?> untrusted) {
        return render(trusted, untrusted, RenderLimits.DEFAULT, Strftime.local());
    }

    /// Renders the template with the given variables.
    ///
    /// Values are maps, lists, strings, numbers, booleans, null and [Sourced]. A plain string is the template's own
    /// (origin 0) in `trusted`, and of [Sourced#UNSPECIFIED] origin in `untrusted`, which wins where both have a name.
    ///
    /// @param strftimeNow what the template's `strftime_now` answers for a format
    /// @throws RaisedByTemplate where the template itself refuses the conversation
    /// @throws TemplateException where it fails or passes a limit
    public Rendered render(
            Map<String, ?> trusted, Map<String, ?> untrusted, RenderLimits limits, UnaryOperator<String> strftimeNow) {
        Scope context = new Scope(Globals.scope(strftimeNow));
        Interpreter interpreter = new Interpreter(limits);
        try {
            new Inputs(0).declare(trusted, context);
            new Inputs(Sourced.UNSPECIFIED).declare(untrusted, context);
            return Rendered.of(interpreter.capture(body, new Scope(context)));
        } catch (PythonError error) {
            throw source.located(error, interpreter.position());
        } catch (StackOverflowError _) {
            throw source.fail("LimitExceeded: the template is nested too deeply", interpreter.position());
        }
    }
}
