package dev.lorikeet.app;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// `lorikeet train recipe.yaml`: has a running server (`--url`) carry out a recipe, or starts one for as long as that takes. Then a job
/// that was stopped goes on when the same recipe is run again.
public class Train implements QuarkusApplication {
    private static final int WRONG_RECIPE = 2;
    /// The key of the server that `--url` names: a command line would show it to others.
    private static final String KEY = "LORIKEET_API_KEY";
    /// Where the recipe is, for the process that is the server as well.
    private static final String RECIPE = "train.recipe";

    private final ModelCatalog catalog;
    private final int port;

    Train(ModelCatalog catalog, @ConfigProperty(name = "quarkus.http.port") int port) {
        this.catalog = catalog;
        this.port = port;
    }

    /// Ends the process.
    static void run(String file, Map<Option, String> options, int freePort) {
        Recipe recipe;
        try {
            recipe = Recipe.read(Path.of(file));
            if (options.containsKey(Option.URL)) {
                String model = Optional.ofNullable(options.get(Option.MODEL)).or(recipe::model).orElseThrow(
                        () -> new IllegalArgumentException(file + ": `model` is missing; with --url it is the id of a model of that server"));
                System.exit(carryOut(options.get(Option.URL), Optional.ofNullable(System.getenv(KEY)), recipe, model));
            }
        } catch (IllegalArgumentException e) {
            System.err.println("lorikeet train: " + e.getMessage());
            System.exit(WRONG_RECIPE);
            return;
        }
        System.setProperty(RECIPE, file);
        System.setProperty(Option.PORT.property(), String.valueOf(freePort));
        Own.machineOnly();
        if (!options.containsKey(Option.MODEL)) {
            recipe.model().ifPresent(model -> System.setProperty(Option.MODEL.property(), model));
        }
        if (!options.containsKey(Option.LOG_LEVEL)) {
            System.setProperty(Option.LOG_LEVEL.property(), "WARN");
        }
        Quarkus.run(Train.class);
    }

    @Override
    public int run(String... arguments) throws InterruptedException {
        while (!isLoaded()) {
            Thread.sleep(50);
        }
        return carryOut("http://localhost:" + port, Optional.empty(), Recipe.read(Path.of(System.getProperty(RECIPE))), catalog.entries().getFirst().id());
    }

    /// The server ends the process itself if its model cannot be loaded.
    private boolean isLoaded() {
        try (var _ = catalog.leaseDefault()) {
            return true;
        } catch (CatalogException _) {
            return false;
        }
    }

    private static int carryOut(String server, Optional<String> key, Recipe recipe, String model) {
        try {
            return new TrainClient(server, key, System.out).run(recipe, model);
        } catch (TrainClient.Refused e) {
            System.err.println("lorikeet train: " + e.getMessage());
            return WRONG_RECIPE;
        } catch (ConnectException _) {
            System.err.println("lorikeet train: nobody answers at " + server + "; start `./lorikeet serve` there, or leave --url out");
            return 1;
        } catch (IOException e) {
            System.err.println("lorikeet train: " + e.getMessage());
            return 1;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }
}
