package dev.lorikeet.tensor;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Where tensors live: the CPU or one CUDA device.
public sealed interface TensorDevice {
    record Cpu() implements TensorDevice {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    record Cuda(int index) implements TensorDevice {
        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }

    /// Reads `auto`, `cpu`, `cuda` or `cuda:N`. `auto` is the first GPU that this build of libtorch can use, else the CPU.
    ///
    /// @throws IllegalArgumentException for anything else, or for a GPU that is not there
    static TensorDevice parse(String text) {
        if (text.equals("cpu")) {
            return new Cpu();
        }
        int gpus = Torch.gpuCount();
        if (text.equals("auto")) {
            return gpus > 0 ? new Cuda(0) : new Cpu();
        }
        var match = Pattern.compile("cuda(?::(\\d{1,3}))?").matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("device is `" + text + "`; it must be auto, cpu, cuda or cuda:N");
        }
        int index = match.group(1) == null ? 0 : Integer.parseInt(match.group(1));
        if (index >= gpus) {
            throw new IllegalArgumentException("device is `" + text + "`, but this build of libtorch sees " + gpus
                    + " GPUs (a CUDA build is needed; see \"GPU\" in the README)");
        }
        return new Cuda(index);
    }

    default boolean isCpu() {
        return this instanceof Cpu;
    }

    /// Bytes that can still be taken on this device.
    default long availableBytes() {
        return switch (this) {
            case Cpu _ -> hostBytes("MemAvailable:");
            case Cuda cuda -> {
                var usage = CudaUtils.getGpuMemory(Device.gpu(cuda.index()));
                yield usage.getMax() - usage.getCommitted();
            }
        };
    }

    /// Bytes that this device has.
    default long totalBytes() {
        return switch (this) {
            case Cpu _ -> hostBytes("MemTotal:");
            case Cuda cuda -> CudaUtils.getGpuMemory(Device.gpu(cuda.index())).getMax();
        };
    }

    private static long hostBytes(String line) {
        try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(text -> text.startsWith(line)).mapToLong(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
                    .findFirst().orElse(Long.MAX_VALUE);
        } catch (IOException _) {
            // Not Linux: the operating system will say when memory is short.
            return Long.MAX_VALUE;
        }
    }
}
