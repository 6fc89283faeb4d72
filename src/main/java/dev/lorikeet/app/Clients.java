package dev.lorikeet.app;

import dev.lorikeet.terminal.Chat;
import dev.lorikeet.terminal.ChatSettings;
import dev.lorikeet.terminal.ChatTerminal;
import dev.lorikeet.terminal.LiveLine;
import dev.lorikeet.terminal.Ps;
import dev.lorikeet.terminal.Recipe;
import dev.lorikeet.terminal.Screen;
import dev.lorikeet.terminal.ServedModels;
import dev.lorikeet.terminal.Server;
import dev.lorikeet.terminal.TrainClient;
import dev.lorikeet.terminal.TrustedCertificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/// The commands that are clients of a server: `chat`, `train`, `ps`.
final class Clients {
    private final CommandLine line;
    private boolean done;

    Clients(CommandLine line) {
        this.line = line;
    }

    static void ps(CommandLine line) throws IOException {
        new Ps(new Clients(line).server(line.value(Option.URL).orElseGet(() -> usualAddress(line)))).print(System.out);
    }

    /// @throws IllegalArgumentException for certificates of a server that is not named
    private Server server(String url) throws IOException {
        var file = line.value(Option.TLS_CA);
        return new Server(url, key(), file.isPresent() ? Optional.of(TrustedCertificates.of(Path.of(file.get()))) : Optional.empty());
    }

    private static Optional<String> key() {
        return Optional.ofNullable(System.getenv("LORIKEET_API_KEY")).filter(key -> !key.isBlank());
    }

    private static String usualAddress(CommandLine line) {
        return "http://localhost:" + line.value(Option.PORT).orElse("8080");
    }

    /// Whether a server that runs already has done the work.
    boolean isDone() {
        return done;
    }

    /// The folder or name of the model that a server of its own needs, if the command line says nothing of it.
    Optional<String> model() {
        return line.command() == Command.TRAIN && !line.options().containsKey(Option.MODEL) ? recipe().model() : Optional.empty();
    }

    /// Does the work if there is a server for it. What is wrong shows here in any case, before one is started.
    void runOnRunningServer() throws IOException, InterruptedException {
        Optional<String> url = Optional.ofNullable(line.options().get(Option.URL));
        Optional<String> model = Optional.ofNullable(line.options().get(Option.MODEL));
        if (url.isEmpty() && line.options().containsKey(Option.TLS_CA)) {
            throw new IllegalArgumentException("--tls-ca is for a server that speaks HTTPS; give its address too, such as --url https://localhost:8080");
        }
        if (line.command() == Command.TRAIN) {
            var recipe = recipe();
            if (url.isPresent()) {
                run(server(url.get()), model.or(recipe::model).orElseThrow(
                        () -> new IllegalArgumentException(recipe.file() + ": `model` is missing; with --url it is the id of a model of that server")));
                done = true;
            }
            return;
        }
        var server = server(url.orElseGet(() -> usualAddress(line)));
        if (url.isPresent() || model.isEmpty() && server.answers()) {
            var models = new ServedModels(server);
            run(server, model.isPresent() ? models.named(model.get()) : models.first());
            done = true;
        }
    }

    private Recipe recipe() {
        return Recipe.read(Path.of(line.operands().getFirst()));
    }

    /// Does the work. @param model of that server
    void run(Server server, String model) throws IOException, InterruptedException {
        if (line.command() == Command.TRAIN) {
            train(server, model);
        } else {
            chat(server, model);
        }
    }

    private void train(Server server, String model) throws IOException {
        var ended = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!ended.get()) {
                System.err.println("\nlorikeet train: interrupted; the same command goes on with the job");
            }
        }));
        try {
            new TrainClient(server, new LiveLine(System.out, Screen.ofOutput())).run(recipe(), model);
        } finally {
            ended.set(true);
        }
    }

    private void chat(Server server, String model) throws IOException {
        var settings = new ChatSettings(model, line.value(Option.SYSTEM).orElse(""),
                line.value(Option.TEMPERATURE).map(Double::parseDouble).map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                line.value(Option.MAX_TOKENS).map(Integer::parseInt).map(OptionalInt::of).orElse(OptionalInt.empty()));
        if (line.operands().isEmpty() && Screen.ofInput().isTerminal() && Screen.ofOutput().isTerminal()) {
            ChatTerminal.run(server, settings, ChatHistory.file(System.getenv()));
            return;
        }
        String question = question();
        if (question.isBlank()) {
            throw new IllegalArgumentException("the question is empty");
        }
        var out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        new Chat(server, settings, out).ask(question);
    }

    /// The words of the command line; what is piped in where `-` stands, or where there are none.
    private String question() throws IOException {
        if (line.operands().isEmpty()) {
            return piped();
        }
        var words = new ArrayList<String>();
        for (String operand : line.operands()) {
            words.add(operand.equals("-") ? piped() : operand);
        }
        return String.join(" ", words).strip();
    }

    private static String piped() throws IOException {
        return new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
