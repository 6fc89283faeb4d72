package dev.lorikeet.hub;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// Repositories to try things with.
final class FakeContents {
    private FakeContents() {}

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /// A model in two shards, with files that must not be taken and names that need care.
    static Map<String, byte[]> sharded() {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("config.json", text("{\"model_type\": \"llama\"}\n"));
        files.put("generation_config.json", text("{}\n"));
        files.put("tokenizer.json", text("{\"version\": \"1.0\"}\n"));
        files.put("tokenizer_config.json", text("{\"eos_token\": \"</s>\"}\n"));
        files.put("model.safetensors.index.json", text("""
                {"metadata": {"total_size": 7}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
                """));
        files.put("model-00001-of-00002.safetensors", bytes(1, 300_001));
        files.put("model-00002-of-00002.safetensors", bytes(2, 150_000));
        files.put("pytorch_model.bin", bytes(3, 1000));
        files.put("original/consolidated.safetensors", bytes(4, 1000));
        files.put("modeling_acme.py", text("import os\n"));
        files.put("README.md", text("# Acme\n"));
        files.put(".gitattributes", text("*.safetensors filter=lfs\n"));
        return files;
    }

    static Map<String, byte[]> adapter() {
        return Map.of("adapter_config.json", text("{\"peft_type\": \"LORA\"}\n"), "adapter_model.safetensors", bytes(5, 50_000),
                "optimizer.bin", bytes(6, 10), "README.md", text("# An adapter\n"));
    }

    /// What the script in Python looks for.
    static void fill(FakeHub hub) {
        hub.model("acme/sharded").commit(sharded());
        hub.model("acme/sharded").commit("refs/pr/1", Map.of("config.json", text("{\"model_type\": \"qwen2\"}\n")));
        hub.model("acme/adapter").commit(adapter());
        hub.model("acme/names").commit(Map.of("config.json", text("{}\n"), "sub folder/파일 #1.json", text("{\"a\": 1}\n"), "empty.txt", new byte[0],
                "100%.json", text("{}\n")));
        hub.model("acme/gated").commit(sharded());
        hub.model("acme/gated").access = FakeRepo.Access.GATED;
        hub.model("acme/private").commit(adapter());
        hub.model("acme/private").access = FakeRepo.Access.PRIVATE;
        hub.dataset("acme/qa").commit(Map.of("train.jsonl", text("{\"messages\": []}\n"), "data/test-00000-of-00001.parquet", bytes(7, 2000)));
        hub.dataset("acme/csv").commit(Map.of("train.csv", text("a,b\n1,2\n")));
        hub.dataset("acme/csv").commit("refs/convert/parquet", Map.of("default/train/0000.parquet", bytes(8, 3000)));
        hub.model("acme/old-name").commit(adapter());
        hub.rename("acme/old-name", "acme/new-name");
    }
}
