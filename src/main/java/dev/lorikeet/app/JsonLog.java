package dev.lorikeet.app;

import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.logging.Handler;
import org.jboss.logmanager.formatters.JsonFormatter;

/// Turns the log into JSON, a line for each event, where that is asked for. The ids of requests stand in `mdc`.
@ApplicationScoped
class JsonLog {
    private static final int BEFORE_ALL_OTHERS = 1;

    void start(@Observes @Priority(BEFORE_ALL_OTHERS) StartupEvent event, LorikeetConfig config) {
        if (config.logJson()) {
            for (Handler handler : InitialConfigurator.DELAYED_HANDLER.getHandlers()) {
                handler.setFormatter(new JsonFormatter());
            }
        }
    }
}
