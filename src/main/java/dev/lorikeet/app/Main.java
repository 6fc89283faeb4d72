package dev.lorikeet.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;

/// The entry point: reads the command line, then starts what it asks for.
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String... arguments) {
        CommandLine line;
        try {
            line = CommandLine.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("lorikeet: " + e.getMessage());
            System.exit(2);
            return;
        }
        line.options().forEach((option, value) -> System.setProperty(option.property(), value));
        switch (line.command()) {
            case HELP -> System.out.print(CommandLine.help());
            case WARM_UP -> {
                System.setProperty(Option.PORT.property(), String.valueOf(freePort()));
                Own.machineOnly();
                Quarkus.run(WarmUp.class);
            }
            case KEY -> System.exit(KeyCommands.ofThisProcess().run(line.operands(), line.options()));
            case SERVE -> Quarkus.run();
            case TRAIN -> Train.run(line.operands().getFirst(), line.options(), freePort());
            case BENCH_TRAINING -> System.exit(TrainingBench.run(line.operands(), line.options()));
            case BENCH_ADAPTERS -> System.exit(AdapterBench.run(line.options()));
            case PUSH -> System.exit(HubCommands.ofThisProcess().push(line.operands(), line.options()));
            case PULL -> System.exit(HubCommands.ofThisProcess().pull(line.operands()));
            case MERGE -> System.exit(Merge.run(line.options()));
            case BENCH -> System.exit(Bench.run(line.options()));
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
