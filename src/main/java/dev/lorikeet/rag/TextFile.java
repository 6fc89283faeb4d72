package dev.lorikeet.rag;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/// A document of the user's as a title and passages of some 600 characters, which end where sentences do.
///
/// Plain text, Markdown and HTML are read, in UTF-8 or else as Korean Windows writes it, and the text of PDFs.
record TextFile(String title, List<Passage> passages) {
    private static final int PASSAGE = 600;
    private static final int LONGEST_SENTENCE = 2 * PASSAGE;
    private static final long LARGEST_TEXT = 16L << 20;
    /// Most of a PDF is pictures and fonts.
    private static final long LARGEST_PDF = 64L << 20;
    private static final String PDF = "pdf";
    private static final Set<String> HTML = Set.of("html", "htm");
    private static final Set<String> MARKDOWN = Set.of("md", "markdown");

    /// @param page counted from 1, of a document that has pages
    record Passage(String text, OptionalInt page) {}

    static boolean isReadable(String name) {
        String extension = extension(name);
        return extension.equals("txt") || extension.equals(PDF) || HTML.contains(extension) || MARKDOWN.contains(extension);
    }

    /// The bytes that a file of this name may have.
    static long largest(String name) {
        return extension(name).equals(PDF) ? LARGEST_PDF : LARGEST_TEXT;
    }

    static TextFile read(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (extension(name).equals(PDF)) {
            var pdf = PdfText.read(file);
            return new TextFile(pdf.title().orElse(name), IntStream.range(0, pdf.pages().size()).boxed()
                    .flatMap(i -> passages(pdf.pages().get(i)).stream().map(text -> new Passage(text, OptionalInt.of(i + 1)))).toList());
        }
        String text = decode(Files.readAllBytes(file));
        if (HTML.contains(extension(name))) {
            var page = Jsoup.parse(text);
            page.select("script, style, noscript, template, nav").remove();
            return new TextFile(page.title().isBlank() ? name : SnippetText.tidy(page.title()), withoutPages(lines(page.body())));
        }
        return new TextFile(MARKDOWN.contains(extension(name)) ? heading(text).orElse(name) : name, withoutPages(text));
    }

    private static List<Passage> withoutPages(String text) {
        return passages(text).stream().map(passage -> new Passage(passage, OptionalInt.empty())).toList();
    }

    private static String extension(String name) {
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static String decode(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException _) {
            return new String(bytes, Charset.isSupported("MS949") ? Charset.forName("MS949") : StandardCharsets.UTF_8);
        }
    }

    private static Optional<String> heading(String markdown) {
        return markdown.lines().filter(line -> line.startsWith("# ")).map(line -> SnippetText.tidy(line.substring(2))).filter(line -> !line.isEmpty()).findFirst();
    }

    /// The text of a page, a line for each block.
    private static String lines(Element body) {
        var text = new StringBuilder();
        body.traverse(new NodeVisitor() {
            @Override
            public void head(Node node, int depth) {
                if (node instanceof TextNode part) {
                    text.append(part.getWholeText().replaceAll("\\s+", " "));
                } else {
                    breakLine(node);
                }
            }

            @Override
            public void tail(Node node, int depth) {
                breakLine(node);
            }

            private void breakLine(Node node) {
                if (node instanceof Element element && (element.isBlock() || element.normalName().equals("br"))) {
                    text.append('\n');
                }
            }
        });
        return text.toString();
    }

    static List<String> passages(String text) {
        List<String> passages = new ArrayList<>();
        var passage = new StringBuilder();
        for (Sentences.Range range : Sentences.of(text)) {
            String sentence = SnippetText.tidy(text.substring(range.start(), range.end()));
            for (int start = 0; start < sentence.length(); start += LONGEST_SENTENCE) {
                String part = sentence.substring(start, Math.min(sentence.length(), start + LONGEST_SENTENCE));
                if (!passage.isEmpty() && passage.length() + 1 + part.length() > PASSAGE) {
                    passages.add(passage.toString());
                    passage.setLength(0);
                }
                passage.append(passage.isEmpty() ? "" : " ").append(part);
            }
        }
        if (!passage.isEmpty()) {
            passages.add(passage.toString());
        }
        return passages;
    }
}
