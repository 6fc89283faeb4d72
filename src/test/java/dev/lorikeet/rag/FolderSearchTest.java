package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSearchTest {
    @TempDir
    Path temporary;

    private Path folder() throws Exception {
        return Files.createDirectories(temporary.resolve("documents"));
    }

    private FolderSearch search() throws Exception {
        return new FolderSearch(folder(), temporary.resolve("index"));
    }

    private static List<Document> run(FolderSearch search, String text) throws Exception {
        return search.calls(new SearchQuery(text, List.of(), 5)).getFirst().run();
    }

    private void write(String name, String text) throws Exception {
        Path file = folder().resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void koreanIsFoundByItsWordsWhateverParticlesTheyCarry() throws Exception {
        write("law/전세 안내.txt", "임차인이 전세계약을 갱신하려면 만료 두 달 전까지 알려야 한다.");
        write("food.txt", "파스타는 소금물에 삶는다.");
        try (var search = search()) {
            assertThat(run(search, "계약의 갱신은 언제?")).containsExactly(
                    new Document("전세 안내.txt", "임차인이 전세계약을 갱신하려면 만료 두 달 전까지 알려야 한다.", "folder:law/전세%20안내.txt", "folder"));
        }
    }

    @Test
    void htmlAndMarkdownGiveTheirTitlesAndTheirText() throws Exception {
        write("a.html", "<html><head><title>제주 안내</title><style>p {color: red}</style></head><body><nav>메뉴</nav><p>한라산은 <b>높다</b>.</p><script>alert(1)</script>"
                + "<p>Q&amp;A &lt;끝&gt;</p></body></html>");
        write("b.md", "서문\n\n# 부산 안내\n\n해운대는 바다다.");
        try (var search = search()) {
            assertThat(run(search, "한라산")).extracting(Document::title, Document::text)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("제주 안내", "한라산은 높다. Q&A <끝>"));
            assertThat(run(search, "해운대")).extracting(Document::title).containsExactly("부산 안내");
        }
    }

    @Test
    void textOfKoreanWindowsIsRead() throws Exception {
        Files.write(folder().resolve("old.txt"), "독도는 우리 땅".getBytes(Charset.forName("MS949")));
        try (var search = search()) {
            assertThat(run(search, "독도")).extracting(Document::text).containsExactly("독도는 우리 땅");
        }
    }

    @Test
    void changesAreFoundAndWhatIsGoneIsNot() throws Exception {
        write("a.txt", "옛날 내용은 사과");
        write("b.txt", "지워질 내용은 사과");
        try (var search = search()) {
            assertThat(run(search, "사과")).hasSize(2);
            write("a.txt", "새로운 내용은 포도");
            Files.setLastModifiedTime(folder().resolve("a.txt"), FileTime.fromMillis(1_800_000_000_000L));
            Files.delete(folder().resolve("b.txt"));
            write("c.txt", "더해진 내용은 포도");
            assertThat(run(search, "사과")).isEmpty();
            assertThat(run(search, "포도")).hasSize(2);
        }
    }

    @Test
    void theIndexIsKeptAndReadAgain() throws Exception {
        write("a.txt", "사과는 빨갛다");
        try (var search = search()) {
            assertThat(run(search, "사과")).hasSize(1);
        }
        try (var search = search()) {
            assertThat(run(search, "사과")).hasSize(1);
        }
    }

    @Test
    void aBrokenIndexIsMadeAgain() throws Exception {
        write("a.txt", "사과는 빨갛다");
        try (var search = search()) {
            run(search, "사과");
        }
        try (var files = Files.walk(temporary.resolve("index"))) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("segments_")).toList()) {
                Files.writeString(file, "broken");
            }
        }
        try (var search = search()) {
            assertThat(run(search, "사과")).hasSize(1);
        }
    }

    @Test
    void nothingOutsideTheFolderIsRead() throws Exception {
        Files.writeString(temporary.resolve("secret.txt"), "비밀은 사과");
        Files.createSymbolicLink(folder().resolve("link.txt"), temporary.resolve("secret.txt"));
        write(".git/a.txt", "숨은 사과");
        write("a.bin", "다른 사과");
        try (var search = search()) {
            assertThat(run(search, "사과")).isEmpty();
        }
    }

    private void copy(String fixture) throws Exception {
        Files.copy(Path.of("src/test/resources/fixtures/documents", fixture), folder().resolve(fixture));
    }

    @Test
    void aPdfIsReadByPagesWithSentencesThatGoOnInTheNextLine() throws Exception {
        copy("lease.pdf");
        write("food.txt", "파스타는 소금물에 삶는다.");
        try (var search = search()) {
            assertThat(run(search, "전세 갱신 거절은 언제까지 통보하나요?")).first().isEqualTo(new Document("전세 안내서",
                    "전세 계약 갱신을 거절하려면 만료 6개월 전부터 2개월 전까지 통보해야 합니다. 보증금은 이사하는 날에 돌려줍니다.", "folder:lease.pdf#page=2", "folder"));
            assertThat(run(search, "등기부")).extracting(Document::url).containsExactly("folder:lease.pdf#page=1");
        }
    }

    @Test
    void whatIsNotReadIsNamedWithTheReasonEachTimeTheFolderIsOpened() throws Exception {
        copy("locked.pdf");
        copy("scanned.pdf");
        write("half.pdf", "%PDF-1.4\n1 0 obj\n<< /Type /Cat");
        write("contract.docx", "PK");
        write("sub/picture.png", "x");
        write(".hidden.docx", "x");
        write("a.txt", "사과는 빨갛다");
        Files.createSymbolicLink(folder().resolve("link.txt"), folder().resolve("a.txt"));
        try (var file = new java.io.RandomAccessFile(folder().resolve("huge.md").toFile(), "rw")) {
            file.setLength((16 << 20) + 1);
        }
        for (int opened = 0; opened < 2; opened++) {
            try (var index = new FolderIndex(folder(), Files.createDirectories(temporary.resolve("index")))) {
                index.refresh();
                assertThat(index.leftOut()).containsOnlyKeys("locked.pdf", "scanned.pdf", "half.pdf", "contract.docx", "sub/picture.png", "link.txt", "huge.md")
                        .containsEntry("locked.pdf", "it is encrypted").containsEntry("contract.docx", "files of this kind are not read")
                        .containsEntry("link.txt", "links are not followed").containsEntry("huge.md", "larger than 16 MB");
                assertThat(index.leftOut().get("scanned.pdf")).contains("OCR");
                assertThat(index.search("사과", 5)).hasSize(1);
            }
        }
    }

    @Test
    void whatCanBeReadNowIsNoLongerNamed() throws Exception {
        write("a.pdf", "broken");
        try (var index = new FolderIndex(folder(), Files.createDirectories(temporary.resolve("index")))) {
            index.refresh();
            assertThat(index.leftOut()).containsOnlyKeys("a.pdf");
            Files.delete(folder().resolve("a.pdf"));
            copy("lease.pdf");
            Files.move(folder().resolve("lease.pdf"), folder().resolve("a.pdf"));
            index.refresh();
            assertThat(index.leftOut()).isEmpty();
            assertThat(index.search("보증금", 5)).hasSize(1);
        }
    }

    @Test
    void longTextsAreFoundByPassage() throws Exception {
        write("long.txt", "파스타를 삶는다. ".repeat(200) + "고래는 바다에 산다. " + "소금을 넣는다. ".repeat(200));
        try (var search = search()) {
            assertThat(run(search, "고래")).singleElement().satisfies(found -> assertThat(found.text()).contains("고래는 바다에 산다.").hasSizeLessThanOrEqualTo(600));
        }
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        assertThatThrownBy(() -> new FolderSearch(temporary.resolve("none"), temporary)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("search-folder").hasMessageContaining("none");
    }
}
