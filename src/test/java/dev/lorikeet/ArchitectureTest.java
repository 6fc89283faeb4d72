package dev.lorikeet;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Data flows one way: what each package may know of the others.
class ArchitectureTest {
    private static final String ROOT = "dev.lorikeet.";
    private static final JavaClasses MAIN = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.lorikeet");
    private static final JavaClasses TESTS = new ClassFileImporter().withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS).importPackages("dev.lorikeet");

    /// For each package, the packages below it that it uses. `app` puts everything together and is free to.
    private static final Map<String, Set<String>> ARROWS = new TreeMap<>(Map.ofEntries(
            Map.entry("access", Set.of("store")),
            Map.entry("api", Set.of("access", "catalog", "chat", "config", "engine", "hub", "job", "merge", "metrics", "rag", "registry", "store")),
            Map.entry("registry", Set.of("adapter", "catalog", "chat", "engine", "model", "store", "tensor")),
            Map.entry("catalog", Set.of("adapter", "chat", "engine", "model", "store", "tensor")),
            Map.entry("chat", Set.of("chat.jinja", "engine", "store")),
            Map.entry("chat.jinja", Set.of()),
            Map.entry("adapter", Set.of("engine", "model", "store", "tensor")),
            Map.entry("metrics", Set.of("catalog", "engine", "job", "registry")),
            Map.entry("merge", Set.of("adapter", "engine", "model", "store", "tensor")),
            Map.entry("hub", Set.of("store")),
            Map.entry("job", Set.of("adapter", "catalog", "chat", "engine", "model", "registry", "store", "tensor", "training", "training.data",
                    "training.evaluation", "training.tensorboard")),
            Map.entry("engine", Set.of("model", "tensor")),
            Map.entry("rag", Set.of("chat.jinja", "store")),
            Map.entry("model", Set.of("model.family", "store", "tensor")),
            Map.entry("model.family", Set.of("model", "store", "tensor")),
            Map.entry("tensor", Set.of("tensor.kernel")),
            Map.entry("tensor.kernel", Set.of()),
            Map.entry("training", Set.of("adapter", "model", "store", "tensor", "training.data", "training.evaluation", "training.tensorboard")),
            Map.entry("training.evaluation", Set.of()),
            Map.entry("training.tensorboard", Set.of()),
            Map.entry("training.data", Set.of("chat", "store")),
            Map.entry("terminal", Set.of("hub", "store")),
            Map.entry("store", Set.of()),
            Map.entry("config", Set.of())));

    static Set<String> packages() {
        return ARROWS.keySet();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aPackageKnowsOnlyThoseBelowIt(String name) {
        String[] known = Stream.concat(ARROWS.get(name).stream(), Stream.of(name)).map(ROOT::concat).toArray(String[]::new);
        classes().that().resideInAPackage(ROOT + name).should()
                .onlyDependOnClassesThat(not(resideInAPackage(ROOT + ".")).or(resideInAnyPackage(known))).check(MAIN);
    }

    @Test
    void everyPackageHasItsArrows() {
        assertThat(MAIN.stream().map(type -> type.getPackageName()).filter(name -> name.startsWith(ROOT)).map(name -> name.substring(ROOT.length()))
                .collect(Collectors.toSet())).allMatch(name -> name.equals("app") || ARROWS.containsKey(name));
    }

    @ParameterizedTest
    @MethodSource("packages")
    void everyPackageStandsInTheTableOfTheDocument(String name) throws IOException {
        assertThat(rows()).anyMatch(row -> named(row[0]).contains(name));
    }

    @ParameterizedTest
    @MethodSource("packages")
    void theTableOfTheDocumentHasTheSameArrows(String name) throws IOException {
        String[] row = rows().filter(cells -> named(cells[0]).contains(name)).findFirst().orElseThrow();
        // Packages that share a row may know one another.
        assertThat(named(row[2])).containsExactlyInAnyOrderElementsOf(ARROWS.get(name).stream().filter(other -> !named(row[0]).contains(other)).toList());
    }

    /// The lines of the document's table of packages, by cells.
    private static Stream<String[]> rows() throws IOException {
        return Files.readAllLines(Path.of("docs/architecture.md")).stream().filter(line -> line.startsWith("| `")).map(line -> line.split(" \\| "));
    }

    private static Set<String> named(String cell) {
        return Pattern.compile("`([a-z.]+)`").matcher(cell).results().map(match -> match.group(1)).collect(Collectors.toSet());
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.lorikeet.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void onlyTensorTouchesTheTensorLibrary() {
        noClasses().that().resideOutsideOfPackages("dev.lorikeet.tensor").should()
                .dependOnClassesThat(resideInAPackage("ai.djl..").and(not(resideInAPackage("ai.djl.huggingface..")))).check(MAIN);
    }

    @Test
    void onlyChatTouchesTheTokenizerLibrary() {
        noClasses().that().resideOutsideOfPackage("dev.lorikeet.chat").should().dependOnClassesThat().resideInAPackage("ai.djl.huggingface..").check(MAIN);
    }

    @Test
    void onlyApiKnowsHttpAndReactiveTypes() {
        noClasses().that().resideOutsideOfPackages("dev.lorikeet.api", "dev.lorikeet.app").should()
                .dependOnClassesThat().resideInAnyPackage("io.smallrye.mutiny..", "jakarta.ws.rs..", "io.vertx..").check(MAIN);
        noClasses().that().resideOutsideOfPackage("dev.lorikeet.api").should().dependOnClassesThat().resideInAPackage("io.smallrye.mutiny..").check(MAIN);
    }

    @Test
    void onlyAppWritesToTheConsole() {
        noClasses().that().resideOutsideOfPackage("dev.lorikeet.app").should().accessField(System.class, "out").orShould().accessField(System.class, "err").check(MAIN);
    }

    @Test
    void dependenciesComeThroughConstructors() {
        noFields().should().beAnnotatedWith(Inject.class).orShould().beAnnotatedWith(ConfigProperty.class).check(MAIN);
    }

    @Test
    void noTestIsSwitchedOffOrSkipsItself() {
        noMethods().should().beAnnotatedWith(Disabled.class).check(TESTS);
        noClasses().should().beAnnotatedWith(Disabled.class)
                .orShould().dependOnClassesThat().haveFullyQualifiedName("org.junit.jupiter.api.Assumptions").check(TESTS);
    }
}
