package dev.lorikeet.rag;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;

/// The text of a PDF by pages, as far as it holds text: pictures of pages do not.
record PdfText(Optional<String> title, List<String> pages) {
    /// @throws IOException saying why it cannot be read
    static PdfText read(Path file) throws IOException {
        try (PDDocument pdf = open(file)) {
            if (!pdf.getCurrentAccessPermission().canExtractContent()) {
                throw new IOException("it is protected against taking text out of it");
            }
            var pages = new ArrayList<String>();
            PDFTextStripper stripper = stripper();
            for (int page = 1; page <= pdf.getNumberOfPages(); page++) {
                stripper.setStartPage(page);
                stripper.setEndPage(page);
                pages.add(stripper.getText(pdf));
            }
            if (pages.stream().allMatch(String::isBlank)) {
                throw new IOException("it holds no text; pages that were scanned need OCR first");
            }
            return new PdfText(Optional.ofNullable(pdf.getDocumentInformation().getTitle()).map(SnippetText::tidy).filter(text -> !text.isEmpty()), pages);
        } catch (RuntimeException | StackOverflowError e) {
            // What a damaged file does to the library; the other documents must be found all the same.
            throw new IOException("it is damaged (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    private static PDDocument open(Path file) throws IOException {
        try {
            return Loader.loadPDF(file.toFile(), "", null, null, IOUtils.createTempFileOnlyStreamCache());
        } catch (InvalidPasswordException e) {
            throw new IOException("it is encrypted", e);
        } catch (IOException e) {
            throw new IOException("it is no whole PDF: " + e.getMessage(), e);
        }
    }

    /// A sentence goes on in the next line, and ends with its paragraph.
    private static PDFTextStripper stripper() {
        var stripper = new PDFTextStripper();
        stripper.setLineSeparator(" ");
        stripper.setParagraphEnd("\n");
        stripper.setPageEnd("\n");
        return stripper;
    }
}
