package dev.lorikeet.app;

import dev.lorikeet.tensor.Torch;
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
            System.err.println("lorikeet: " + e.getMessage());
            System.exit(2);
            return;
        }
        line.options().forEach((option, value) -> System.setProperty(option.property(), value));
        switch (line.command()) {
            case HELP -> System.out.print(CommandLine.help());
            case WARM_UP -> Torch.start(0);
            case SERVE -> Quarkus.run();
            case BENCH -> System.exit(Bench.run(line.options()));
        }
    }
}
