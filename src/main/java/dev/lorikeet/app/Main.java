package dev.lorikeet.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/// The entry point: reads the command line, then starts what it asks for.
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String... arguments) {
        CommandLine line;
        try {
            line = CommandLine.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.exit(ExitStatus.of("", () -> {
                throw e;
            }));
            return;
        }
        line.options().forEach((option, value) -> System.setProperty(option.property(), value));
        switch (line.command()) {
            case SERVE -> Quarkus.run();
            case WARM_UP -> {
                OwnServer.onFreePort();
                Quarkus.run(WarmUp.class);
            }
            case CHAT, TRAIN -> OwnServer.runIfNeeded(line, arguments);
            default -> System.exit(ExitStatus.of(line.command().word(), () -> run(line)));
        }
    }

    /// What neither is a server nor may need one of its own.
    private static void run(CommandLine line) throws java.io.IOException, InterruptedException {
        switch (line.command()) {
            case HELP -> System.out.print(Help.text(line.operands()));
            case COMPLETION -> System.out.print(Completion.script(line.operands().getFirst()));
            case PS -> Clients.ps(line);
            case KEY -> KeyCommands.run(line);
            case PULL -> HubCommands.pull(line);
            case PUSH -> HubCommands.push(line);
            case MERGE -> Merge.run(line);
            case BENCH -> Bench.run(line);
            case BENCH_ADAPTERS -> AdapterBench.run(line);
            case BENCH_TRAINING -> TrainingBench.run(line);
            case SERVE, CHAT, TRAIN, WARM_UP -> throw new IllegalStateException(line.command() + " is a server");
        }
    }
}
