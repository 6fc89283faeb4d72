package dev.lorikeet.terminal;

import dev.lorikeet.terminal.ServedModels.Served;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// A conversation with a server, line by line, whoever types the lines.
public final class Chat {
    private final Server server;
    private final ServedModels models;
    private final Conversation conversation;
    private final PrintWriter out;
    private final AtomicReference<Answer> underWay = new AtomicReference<>();

    public Chat(Server server, ChatSettings settings, PrintWriter out) {
        this.server = server;
        this.models = new ServedModels(server);
        this.conversation = new Conversation(settings);
        this.out = out;
    }

    /// Prints the answer to a single question as it comes.
    public void ask(String text) throws IOException {
        var question = new Message("user", text);
        var answer = new Answer(server, server.stream("/v1/chat/completions", conversation.request(question)));
        underWay.set(answer);
        try {
            var received = answer.receive(piece -> {
                out.print(PlainText.of(piece));
                out.flush();
            });
            tell(received.end());
            if (!received.text().isEmpty()) {
                conversation.add(question, new Message("assistant", received.text()));
            }
        } finally {
            underWay.set(null);
            out.flush();
        }
    }

    private void tell(Answer.End end) {
        out.println(switch (end) {
            case WHOLE -> "";
            case CUT_OFF -> " […: the limit of tokens]";
            case STOPPED -> " [stopped]";
        });
    }

    /// Stops the answer that comes, if one does; from another thread.
    void stop() {
        var answer = underWay.get();
        if (answer != null) {
            answer.stop();
        }
    }

    /// Does what a line says. What cannot be done is told, and the conversation goes on. @return whether it goes on
    boolean take(String line) {
        try {
            switch (ChatLine.parse(line)) {
                case ChatLine.Blank() -> { }
                case ChatLine.Question(String text) -> ask(text);
                case ChatLine.Unknown(String word) -> out.println("unknown command " + PlainText.line(word) + "; /help lists all");
                case ChatLine.Told(SlashCommand command, String argument) -> {
                    if (command == SlashCommand.QUIT) {
                        return false;
                    }
                    carryOut(command, argument);
                }
            }
        } catch (IOException | WrongRequest e) {
            out.println("error: " + e.getMessage());
        }
        out.flush();
        return true;
    }

    private void carryOut(SlashCommand command, String argument) throws IOException {
        switch (command) {
            case ADAPTER -> adapter(argument);
            case MODEL -> model(argument);
            case SYSTEM -> system(argument);
            case RESET -> {
                conversation.forget();
                out.println("What was said is forgotten.");
            }
            case HELP -> out.print(SlashCommand.helpText());
            case QUIT -> throw new IllegalStateException("ends the conversation");
        }
    }

    private void adapter(String name) throws IOException {
        if (name.isEmpty()) {
            list(models.list().stream().filter(Served::isAdapter).toList(), "No adapter is loaded.");
            return;
        }
        var found = models.get(name);
        if (!found.isAdapter()) {
            out.println(PlainText.line(found.id()) + " is no adapter; /model " + PlainText.line(found.id()) + " talks to it");
            return;
        }
        talkTo(found);
    }

    private void model(String name) throws IOException {
        if (name.isEmpty()) {
            list(models.list(), "No model is loaded.");
            return;
        }
        talkTo(models.get(name));
    }

    private void talkTo(Served model) {
        conversation.talkTo(model.id());
        out.println("Talking to " + described(model) + ".");
    }

    private void list(List<Served> served, String ifNone) {
        if (served.isEmpty()) {
            out.println(ifNone);
        }
        served.forEach(model -> out.println((model.id().equals(conversation.model()) ? "* " : "  ") + described(model)));
    }

    private static String described(Served model) {
        return PlainText.line(model.id()) + (model.isAdapter() ? ", an adapter of " + PlainText.line(model.base()) : "");
    }

    private void system(String prompt) {
        if (!prompt.isEmpty()) {
            conversation.system(prompt.equals("-") ? "" : prompt);
        }
        out.println(conversation.system().isEmpty() ? "No system prompt." : "System prompt: " + conversation.system());
    }

    /// In one line, for the beginning.
    String greeting() {
        return PlainText.line(conversation.model()) + " on " + server.address() + ". /help lists the commands, Ctrl-D ends.";
    }

    ServedModels models() {
        return models;
    }
}
