package dev.lorikeet.memory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;

/// An adapter of zeros on all matrices of the layers of a model: large enough that a leak would show.
final class LargeAdapter {
    private LargeAdapter() {}

    static Path write(Path folder, Path model, int rank) throws IOException {
        JsonNode config = new ObjectMapper().readTree(model.resolve("config.json").toFile());
        int hidden = config.get("hidden_size").intValue();
        int mlp = config.get("intermediate_size").intValue();
        var items = new ArrayList<SafetensorsWriter.Item>();
        for (int layer = 0; layer < config.get("num_hidden_layers").intValue(); layer++) {
            for (String name : new String[] {"gate_proj", "up_proj", "down_proj"}) {
                String module = "base_model.model.model.layers." + layer + ".mlp." + name;
                boolean down = name.equals("down_proj");
                items.add(zeros(module + ".lora_A.weight", rank, down ? mlp : hidden));
                items.add(zeros(module + ".lora_B.weight", down ? hidden : mlp, rank));
            }
        }
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), items, Map.of("format", "pt"));
        Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"r\": " + rank + ", \"lora_alpha\": 16, "
                + "\"target_modules\": [\"gate_proj\", \"up_proj\", \"down_proj\"]}");
        return folder;
    }

    private static SafetensorsWriter.Item zeros(String name, long rows, long columns) {
        return new SafetensorsWriter.Item(name, ElementType.FLOAT32, new long[] {rows, columns}, arena -> arena.allocate(rows * columns * Float.BYTES));
    }
}
