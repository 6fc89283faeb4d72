package dev.lorikeet.shared;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The REFERENCE files beside the shared models: blocks of lines `key: value` or `key value`, texts as Python writes them.
final class References {
    private static final Pattern LINE = Pattern.compile("(prompt|input_ids|first-step top-10 [^:]*|greedy output ids|greedy ids|text):? (['\"\\[].*)");

    private References() {}

    /// One run of `transformers`: greedy, float32.
    ///
    /// @param top the likeliest first tokens with their logits, empty where the file has none
    /// @param text prompt and output decoded, special tokens included
    record Run(String prompt, int[] promptIds, Map<Integer, Double> top, int[] outputIds, String text) {
        @Override
        public String toString() {
            return "\"" + prompt + "\", " + outputIds.length + " tokens";
        }
    }

    static List<Run> read(Path file) {
        var runs = new ArrayList<Run>();
        for (String block : text(file).split("\n\n")) {
            var fields = new TreeMap<String, String>();
            block.lines().map(LINE::matcher).filter(java.util.regex.Matcher::matches).forEach(line -> fields.put(line.group(1).split(" ")[0], line.group(2)));
            if (fields.containsKey("prompt")) {
                runs.add(new Run(unquote(fields.get("prompt")), ints(fields.get("input_ids")), top(fields.getOrDefault("first-step", "[]")),
                        ints(fields.get("greedy")), unquote(fields.get("text"))));
            }
        }
        return runs;
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int[] ints(String list) {
        return json(list, int[].class);
    }

    /// `[[id, logit, token], …]`, where the token may be left out.
    static Map<Integer, Double> top(String list) {
        var top = new TreeMap<Integer, Double>();
        for (Object entry : json(list, Object[].class)) {
            var pair = (List<?>) entry;
            top.put((Integer) pair.get(0), ((Number) pair.get(1)).doubleValue());
        }
        return top;
    }

    private static <T> T json(String text, Class<T> type) {
        try {
            return new ObjectMapper().readValue(text, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A string literal of Python, as `repr` writes it.
    private static String unquote(String literal) {
        return literal.substring(1, literal.length() - 1).replace("\\n", "\n").replace("\\'", "'").replace("\\\"", "\"").replace("\\\\", "\\");
    }
}
