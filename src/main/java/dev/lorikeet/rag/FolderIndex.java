package dev.lorikeet.rag;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;
import org.jboss.logging.Logger;

/// The Lucene index of a folder of documents. Used by one thread.
///
/// Each file has an entry with its size and time of change, and an entry for each passage; a file that has changed is indexed anew as a whole.
final class FolderIndex implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FolderIndex.class);
    private static final String PATH = "path";
    private static final String FILE = "file";
    private static final String STAMP = "stamp";
    private static final String TITLE = "title";
    private static final String TEXT = "text";
    private static final String PAGE = "page";
    private static final String FLAW = "flaw";
    /// Where PDFBox notes which fonts there are; by itself it would do so in the user's home.
    private static final String FONT_NOTES = "pdfbox.fontcache";
    /// Names in a line of the log.
    private static final int MOST_NAMES = 50;

    private final Path folder;
    private final Analyzer analyzer = new KoreanAnalyzer();
    private final Directory directory;
    private final IndexWriter writer;
    private final Map<String, String> stamps = new HashMap<>();
    /// Why a file that should be readable is not.
    private final Map<String, String> flaws = new TreeMap<>();
    private Map<String, String> leftOut = Map.of();
    private DirectoryReader reader;

    FolderIndex(Path folder, Path index) throws IOException {
        this.folder = folder.toRealPath();
        if (System.getProperty(FONT_NOTES) == null) {
            System.setProperty(FONT_NOTES, index.toAbsolutePath().getParent().toString());
        }
        directory = FSDirectory.open(index);
        writer = open();
        reader = DirectoryReader.open(writer);
        var searcher = new IndexSearcher(reader);
        for (ScoreDoc hit : searcher.search(new TermQuery(new Term(FILE, "yes")), Integer.MAX_VALUE).scoreDocs) {
            Document entry = searcher.storedFields().document(hit.doc);
            stamps.put(entry.get(PATH), entry.get(STAMP));
            Optional.ofNullable(entry.get(FLAW)).ifPresent(flaw -> flaws.put(entry.get(PATH), flaw));
        }
    }

    // An index is only a copy: one that cannot be read is made again.
    private IndexWriter open() throws IOException {
        try {
            return new IndexWriter(directory, new IndexWriterConfig(analyzer));
        } catch (CorruptIndexException | IndexFormatTooOldException | IndexFormatTooNewException e) {
            LOG.warnf("indexing %s anew, since the old index cannot be read: %s", folder, e.getMessage());
            for (String file : directory.listAll()) {
                directory.deleteFile(file);
            }
            return new IndexWriter(directory, new IndexWriterConfig(analyzer));
        }
    }

    /// Brings the index up to date with the folder.
    void refresh() throws IOException {
        FolderScan scan = FolderScan.of(folder);
        Map<String, String> present = scan.readable();
        List<String> gone = stamps.keySet().stream().filter(path -> !present.containsKey(path)).toList();
        List<String> changed = present.keySet().stream().filter(path -> !present.get(path).equals(stamps.get(path))).toList();
        if (!gone.isEmpty() || !changed.isEmpty()) {
            write(gone, changed, present);
        }
        report(scan);
    }

    private void write(List<String> gone, List<String> changed, Map<String, String> present) throws IOException {
        gone.forEach(flaws::remove);
        for (String path : gone) {
            writer.deleteDocuments(new Term(PATH, path));
        }
        for (String path : changed) {
            writer.updateDocuments(new Term(PATH, path), entries(path, present.get(path)));
        }
        writer.commit();
        stamps.keySet().removeAll(gone);
        changed.forEach(path -> stamps.put(path, present.get(path)));
        DirectoryReader newer = DirectoryReader.openIfChanged(reader, writer);
        if (newer != null) {
            reader.close();
            reader = newer;
        }
        LOG.infof("indexed %d of %d documents in %s", changed.size(), present.size(), folder);
    }

    /// Names what no search can find, when that has changed: who put it there believes that it is read.
    private void report(FolderScan scan) {
        Map<String, String> all = new TreeMap<>(scan.leftOut());
        all.putAll(flaws);
        if (all.equals(leftOut)) {
            return;
        }
        leftOut = Map.copyOf(all);
        var byReason = new TreeMap<String, List<String>>();
        all.forEach((path, reason) -> byReason.computeIfAbsent(reason, _ -> new ArrayList<>()).add(path));
        byReason.forEach((reason, paths) -> LOG.warnf("not indexed in %s: %s%s (%s)", folder, String.join(", ", paths.subList(0, Math.min(MOST_NAMES, paths.size()))),
                paths.size() > MOST_NAMES ? " and " + (paths.size() - MOST_NAMES) + " more" : "", reason));
    }

    /// Files in the folder that are not searched, with the reason.
    Map<String, String> leftOut() {
        return leftOut;
    }

    private List<Document> entries(String path, String stamp) {
        List<Document> entries = new ArrayList<>();
        var file = new Document();
        file.add(new StringField(PATH, path, Store.YES));
        file.add(new StringField(FILE, "yes", Store.NO));
        file.add(new StoredField(STAMP, stamp));
        entries.add(file);
        flaws.remove(path);
        try {
            TextFile text = TextFile.read(folder.resolve(path));
            for (TextFile.Passage passage : text.passages()) {
                var entry = new Document();
                entry.add(new StringField(PATH, path, Store.YES));
                entry.add(new TextField(TITLE, text.title(), Store.YES));
                entry.add(new TextField(TEXT, passage.text(), Store.YES));
                passage.page().ifPresent(page -> entry.add(new StoredField(PAGE, String.valueOf(page))));
                entries.add(entry);
            }
        } catch (IOException e) {
            String flaw = Optional.ofNullable(e.getMessage()).orElse("cannot be read");
            flaws.put(path, flaw);
            file.add(new StoredField(FLAW, flaw));
        }
        return entries;
    }

    /// The passages that answer best, the best first.
    List<dev.lorikeet.rag.Document> search(String text, int most) throws IOException {
        var builder = new QueryBuilder(analyzer);
        var query = new BooleanQuery.Builder();
        for (String field : List.of(TEXT, TITLE)) {
            Query part = builder.createBooleanQuery(field, text);
            if (part != null) {
                query.add(part, Occur.SHOULD);
            }
        }
        var searcher = new IndexSearcher(reader);
        List<dev.lorikeet.rag.Document> found = new ArrayList<>();
        for (ScoreDoc hit : searcher.search(query.build(), most).scoreDocs) {
            Document entry = searcher.storedFields().document(hit.doc);
            found.add(new dev.lorikeet.rag.Document(entry.get(TITLE), entry.get(TEXT), address(entry.get(PATH), entry.get(PAGE)), FolderSearch.SOURCE));
        }
        return found;
    }

    /// Names a file within the folder without telling where that is. @param page as PDF readers take it in an address; null of files without pages
    private static String address(String path, String page) {
        try {
            return new URI(FolderSearch.SOURCE, path.replace('\\', '/'), page == null ? null : "page=" + page).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try (directory; writer) {
            reader.close();
        }
    }
}
