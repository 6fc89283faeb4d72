package dev.lorikeet.chat;

import dev.lorikeet.chat.jinja.JinjaTemplate;
import dev.lorikeet.chat.jinja.RaisedByTemplate;
import dev.lorikeet.chat.jinja.Rendered;
import dev.lorikeet.chat.jinja.TemplateException;
import java.util.function.Supplier;

/// Chat templates as they are: Jinja.
final class JinjaLanguage implements TemplateLanguage {
    @Override
    public Compiled compile(String source) {
        JinjaTemplate template = refusing(() -> JinjaTemplate.compile(source));
        return (trusted, untrusted) -> {
            Rendered rendered = refusing(() -> template.render(trusted, untrusted));
            return rendered.segments().stream().map(segment -> new Segment(segment.text(), segment.trusted())).toList();
        };
    }

    private static <T> T refusing(Supplier<T> step) {
        try {
            return step.get();
        } catch (RaisedByTemplate e) {
            throw new TemplateRefusal(e.getMessage());
        } catch (TemplateException e) {
            throw new TemplateRefusal("chat template, line " + e.line() + ", column " + e.column() + ": " + e.getMessage());
        }
    }
}
