package dev.lorikeet.rag;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.QueryBuilder;

/// Orders documents by BM25 against the question, over the documents themselves; those that score the same keep the order in which they came.
final class Ranking {
    private static final String TEXT = "text";

    private final Analyzer analyzer = new KoreanAnalyzer();

    List<Document> rank(String question, List<Document> documents) {
        Query query = new QueryBuilder(analyzer).createBooleanQuery(TEXT, question);
        if (query == null || documents.size() < 2) {
            return documents;
        }
        float[] scores = new float[documents.size()];
        try (var directory = new ByteBuffersDirectory()) {
            index(documents, directory);
            try (var reader = DirectoryReader.open(directory)) {
                // One segment, filled in order: the numbers are those of the list.
                for (ScoreDoc hit : new IndexSearcher(reader).search(query, documents.size()).scoreDocs) {
                    scores[hit.doc] = hit.score;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble((Integer i) -> -scores[i]));
        return order.stream().map(documents::get).toList();
    }

    private void index(List<Document> documents, ByteBuffersDirectory directory) throws IOException {
        try (var writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
            for (Document document : documents) {
                var entry = new org.apache.lucene.document.Document();
                entry.add(new TextField(TEXT, document.title() + "\n" + document.text(), Field.Store.NO));
                writer.addDocument(entry);
            }
        }
    }
}
