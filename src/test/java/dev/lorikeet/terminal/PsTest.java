package dev.lorikeet.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PsTest {
    private static String ps(ScriptedServer server) throws Exception {
        var bytes = new ByteArrayOutputStream();
        new Ps(server.client()).print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void modelsAdaptersAndUnfinishedJobsAreTables() throws Exception {
        try (var server = new ScriptedServer()) {
            server.json("""
                    {"data": [
                     {"id": "demo", "status": {"value": "loaded", "info": {"n_ctx": 1024, "n_params": 5800000, "dtype": "bfloat16", "device": "cpu", "weight_bytes": 11600000,
                      "cache_bytes": 3250000000}}, "requests": {"running": 2, "waiting": 1}},
                     {"id": "한국어-모델", "status": {"value": "loading", "progress": {"value": 0.5}}},
                     {"id": "broken", "status": {"value": "failed", "reason": "no\\u001b[2J"}},
                     {"id": "asleep", "status": {"value": "unloaded"}}]}""");
            server.json("""
                    {"data": [{"model": "law@2", "current": true, "base": "demo", "state": "device", "rank": 16, "device_bytes": 900000, "host_bytes": 100000, "in_flight": 3}]}""");
            server.json("""
                    {"data": [{"id": "ftjob-1", "model": "demo", "status": "running"}, {"id": "ftjob-2", "model": "demo", "status": "queued"},
                              {"id": "ftjob-3", "model": "demo", "status": "succeeded"}]}""");
            server.json("""
                    {"data": [{"data": {}}, {"data": {"step": 3, "total_steps": 10, "train_loss": 2.5, "eta_seconds": 75}}]}""");
            server.json("{\"data\": []}");
            assertThat(ps(server)).isEqualTo("""
                    MODEL        STATE           PARAMETERS  TYPE      DEVICE  CONTEXT  WEIGHTS  CACHE   RUNNING  WAITING
                    demo         loaded          5.8M        bfloat16  cpu     1024     11.6 MB  3.3 GB  2        1
                    한국어-모델  loading 50%     -           -         -       -        -        -       -        -
                    broken       failed: no␛[2J  -           -         -       -        -        -       -        -

                    ADAPTER          BASE  WHERE   RANK  MEMORY  RUNNING
                    law@2 (current)  demo  device  16    1.0 MB  3

                    JOB      MODEL  STATUS   STEP  LOSS    LEFT
                    ftjob-1  demo   running  3/10  2.5000  1:15
                    ftjob-2  demo   queued   -     -       -
                    """);
        }
    }

    @Test
    void whatIsNotThereHasNoTable() throws Exception {
        try (var server = new ScriptedServer()) {
            server.json("{\"data\": []}");
            server.json("{\"data\": []}");
            server.json("{\"data\": []}");
            assertThat(ps(server)).isEqualTo("MODEL  STATE  PARAMETERS  TYPE  DEVICE  CONTEXT  WEIGHTS  CACHE  RUNNING  WAITING\n");
        }
    }
}
