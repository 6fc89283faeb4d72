package dev.lorikeet.tensor;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A compiled tensor program. Compiling takes some 25 ms; the source is at `src/main/resources/torchscript`.
public final class Script implements AutoCloseable {
    private final TensorOwner owner;
    private final PtSymbolBlock module;

    private Script(TensorOwner owner, PtSymbolBlock module) {
        this.owner = owner;
        this.module = module;
    }

    /// @param resource name of a source file @param constants names in the source that stand for numbers
    /// @param attributes values that the source reads as `self.name`: `Long`, `Double`, `Boolean` or `List<Long>`
    public static Script compile(TensorDevice device, String resource, Map<String, Integer> constants, SequencedMap<String, Object> attributes) {
        var owner = TensorOwner.open(device);
        try {
            byte[] archive = ScriptArchive.pack(source(resource), constants, attributes);
            // The last argument must be false: with true DJL reads past the end of the stream for ever.
            return new Script(owner, JniUtils.loadModule(owner.manager(), new ByteArrayInputStream(archive), true, false));
        } catch (IOException e) {
            owner.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    private static String source(String resource) throws IOException {
        try (var in = Script.class.getResourceAsStream("/torchscript/" + resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// Runs a method in inference mode; its tensors belong to `into`.
    Tensor[] run(TensorOwner into, String method, IValue... arguments) {
        try (var result = IValueUtils.runMethod(module, method, arguments)) {
            if (result.isTensor()) {
                return new Tensor[] {new Tensor(result.toTensor(into.manager()))};
            }
            PtNDArray[] arrays = result.toTensorArray(into.manager());
            var tensors = new Tensor[arrays.length];
            for (int i = 0; i < arrays.length; i++) {
                tensors[i] = new Tensor(arrays[i]);
            }
            return tensors;
        }
    }

    /// Runs a method of tensors outside inference mode, so that its result may take part in training later.
    Tensor forward(TensorOwner into, String method, List<Tensor> tensors) {
        var arguments = new NDList(tensors.size() + 1);
        var name = into.manager().create(0f);
        name.setName("module_method:" + method);
        arguments.add(name);
        tensors.forEach(tensor -> {
            tensor.array().setName(method.equals("concatenate") ? "parts[]" : null);
            arguments.add(tensor.array());
        });
        try (name) {
            var result = IValueUtils.forward(module, arguments, true).head();
            result.attach(into.manager());
            return new Tensor(result);
        }
    }

    @Override
    public void close() {
        module.close();
        owner.close();
    }
}
