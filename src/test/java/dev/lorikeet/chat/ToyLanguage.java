package dev.lorikeet.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A template language of four words, so that what surrounds templates is tested without Jinja. The words of a source, separated
/// by `|`: `keep` or `trim` (what happens to contents), what precedes a message, what follows it, the generation prompt.
final class ToyLanguage implements TemplateLanguage {
    private int compilations;

    int compilations() {
        return compilations;
    }

    @Override
    public Compiled compile(String source) {
        compilations++;
        String[] words = source.split("\\|", -1);
        return (trusted, untrusted) -> render(words, trusted, untrusted);
    }

    @SuppressWarnings("unchecked")
    private static List<Segment> render(String[] words, Map<String, Object> trusted, Map<String, Object> untrusted) {
        if (words[0].equals("refuse")) {
            throw new TemplateRefusal("no");
        }
        List<Segment> out = new ArrayList<>();
        out.add(new Segment(Objects.toString(trusted.get("bos_token"), ""), true));
        for (Map<String, Object> message : (List<Map<String, Object>>) untrusted.get("messages")) {
            String content = (String) message.get("content");
            out.add(new Segment(words[1], true));
            out.add(new Segment(words[0].equals("trim") ? content.strip() : words[0].equals("lose") ? "" : content, false));
            out.add(new Segment(words[2], true));
        }
        if ((boolean) untrusted.get("add_generation_prompt")) {
            out.add(new Segment(words[3], true));
        }
        return out;
    }
}
