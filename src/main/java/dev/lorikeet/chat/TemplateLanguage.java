package dev.lorikeet.chat;

import java.util.List;
import java.util.Map;

/// Compiles chat templates. What a template takes from `untrusted` keeps that mark through every operation on it.
interface TemplateLanguage {
    interface Compiled {
        /// @throws TemplateRefusal with the template's own message, or with the place of an error
        List<Segment> render(Map<String, Object> trusted, Map<String, Object> untrusted);
    }

    /// @throws TemplateRefusal with the place of a syntax error
    Compiled compile(String source);
}
