package dev.lorikeet.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import dev.lorikeet.tensor.kernel.JavaKernels;
import java.nio.file.Path;
import java.util.Arrays;

/// libtorch, loaded once into this process.
public final class Torch {
    private static boolean started;

    private Torch() {}

    /// Loads libtorch. @param threads for tensor arithmetic on the CPU; 0: one for each core
    public static synchronized void start(int threads) {
        if (!started) {
            // The profiling executor specialises each new shape, which costs seconds and gains nothing here.
            System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
            loadEngine();
            started = true;
            if (threads > 0) {
                JniUtils.setNumThreads(threads);
            }
            if (JavaKernels.isSupported()) {
                JavaKernels.register(libtorchCpu(), JniUtils.getNumThreads());
            }
        }
    }

    /// DJL looks for engines and their native files with the thread's class loader, which need not be the one that has them.
    private static void loadEngine() {
        var thread = Thread.currentThread();
        var loader = thread.getContextClassLoader();
        thread.setContextClassLoader(Torch.class.getClassLoader());
        try {
            Engine.getEngine("PyTorch");
        } finally {
            thread.setContextClassLoader(loader);
        }
    }

    private static Path libtorchCpu() {
        return Path.of(LibUtils.getLibtorchPath()).resolve(System.mapLibraryName("torch_cpu"));
    }

    /// To be called first on every thread that runs tensor programs: these settings are kept per thread.
    ///
    /// @param training whether gradients are recorded on this thread
    public static void enterThread(boolean training) {
        start(0);
        JniUtils.setGradMode(training);
        JniUtils.setGraphExecutorOptimize(false);
    }

    /// Sets where libtorch's random numbers begin, for all threads: serving draws its own in Java.
    public static void seed(long seed) {
        JniUtils.setSeed(seed);
    }

    static int gpuCount() {
        start(0);
        return Engine.getEngine("PyTorch").getGpuCount();
    }

    /// CPU threads in use for tensor arithmetic.
    public static int threads() {
        start(0);
        return JniUtils.getNumThreads();
    }

    /// Whether the Java kernels serve a model of this type on this device whose matrices have these numbers of rows and columns.
    public static boolean useJavaKernels(TensorDevice device, ElementType type, long... sizes) {
        return device.isCpu() && type == ElementType.BFLOAT16 && JavaKernels.isSupported() && Arrays.stream(sizes).allMatch(JavaKernels::fits);
    }

    /// Whether the Java kernels make whole matrices of packed weights whose rows, or blocks, are of these sizes.
    public static boolean javaDequantizer(TensorDevice device, long... sizes) {
        return device.isCpu() && JavaKernels.isSupported() && Arrays.stream(sizes).allMatch(JavaKernels::fits);
    }

    /// Whether the Java kernels serve packed weights of these numbers of rows and columns, where they serve the model at all.
    public static boolean packedJavaKernels(long... sizes) {
        return Arrays.stream(sizes).allMatch(JavaKernels::packs);
    }

    /// Rows of a matrix that lie side by side in the layout of four bits that the Java kernels read.
    public static int packedOutputs() {
        return JavaKernels.packedOutputs();
    }

    /// Steps of at most this many rows run on the Java kernels where these serve packed weights.
    public static int packedJavaRows() {
        return JavaKernels.packedRows();
    }

    /// Steps of at most this many rows run on the Java kernels, where these are used.
    public static int javaRows() {
        start(0);
        return JavaKernels.rows();
    }

    static Device device(TensorDevice device) {
        return switch (device) {
            case TensorDevice.Cpu _ -> Device.cpu();
            case TensorDevice.Cuda cuda -> Device.gpu(cuda.index());
        };
    }
}
