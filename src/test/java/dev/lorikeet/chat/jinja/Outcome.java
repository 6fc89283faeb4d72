package dev.lorikeet.chat.jinja;

import java.util.Map;

/// What rendering a template with a context came to: a text, or an error.
record Outcome(String text, String error) {
    static final String NOW = "2026-11-22";

    static Outcome of(String template, Map<String, Object> context) {
        try {
            return of(JinjaTemplate.compile(template), context);
        } catch (TemplateException error) {
            return new Outcome(null, error.getMessage());
        }
    }

    static Outcome of(JinjaTemplate template, Map<String, Object> context) {
        try {
            return new Outcome(template.render(Map.of(), context, RenderLimits.DEFAULT, _ -> NOW).text(), null);
        } catch (RaisedByTemplate raised) {
            return new Outcome(null, "TemplateError: " + raised.getMessage());
        } catch (TemplateException error) {
            return new Outcome(null, error.getMessage());
        }
    }

    /// Whether this is what Python came to: the same text, or an error, and the same one where the template raised it.
    boolean matches(String expectedText, String expectedError) {
        if (expectedError == null) {
            return error == null && expectedText.equals(text);
        }
        return error != null && (!expectedError.startsWith("TemplateError: ") || error.equals(expectedError));
    }
}
