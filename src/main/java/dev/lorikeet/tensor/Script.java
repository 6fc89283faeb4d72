package dev.lorikeet.tensor;

import ai.djl.engine.EngineException;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A compiled tensor program. Compiling takes some 25 ms; the source is at `src/main/resources/torchscript`.
public final class Script implements AutoCloseable {
    private static final Pattern FUNCTION = Pattern.compile("^(?=def )", Pattern.MULTILINE);

    private final TensorOwner owner;
    private final PtSymbolBlock module;

    private Script(TensorOwner owner, PtSymbolBlock module) {
        this.owner = owner;
        this.module = module;
    }

    /// Compiles source files, behind one that every program needs: what [TensorOwner] calls to take in bytes.
    ///
    /// @param resources names of source files; a function in a later one replaces one of the same name
    /// @param constants names in the source that stand for numbers
    /// @param attributes values that the source reads as `self.name`: `Long`, `Double`, `Boolean`, `List<Long>` or `List<Double>`
    public static Script compile(TensorDevice device, List<String> resources, Map<String, Integer> constants, SequencedMap<String, Object> attributes) {
        var owner = TensorOwner.open(device);
        try {
            byte[] archive = ScriptArchive.pack(source(resources), constants, attributes);
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

    private static String source(List<String> resources) throws IOException {
        var functions = new LinkedHashMap<String, String>();
        for (String resource : Stream.concat(Stream.of("types.py"), resources.stream()).toList()) {
            try (var in = Script.class.getResourceAsStream("/torchscript/" + resource)) {
                for (String part : FUNCTION.split(new String(in.readAllBytes(), StandardCharsets.UTF_8))) {
                    if (part.startsWith("def ")) {
                        functions.put(part.substring("def ".length(), part.indexOf('(')), part);
                    }
                }
            }
        }
        return String.join("", functions.values());
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

    /// Runs a method outside inference mode, so that gradients are recorded on a thread that has entered for training.
    ///
    /// @throws OutOfNativeMemoryException
    /// @param arguments each a [Tensor] or a list of at least one; no tensor may be in two lists of one call
    public List<Tensor> record(TensorOwner into, String method, Object... arguments) {
        var list = new NDList();
        try (var name = into.manager().create(0f)) {
            name.setName("module_method:" + method);
            list.add(name);
            for (int i = 0; i < arguments.length; i++) {
                add(list, arguments[i], i);
            }
            var results = new ArrayList<Tensor>();
            for (var result : IValueUtils.forward(module, list, true)) {
                result.attach(into.manager());
                results.add(new Tensor(result));
            }
            return results;
        } catch (EngineException e) {
            if (OutOfNativeMemoryException.isMeant(e)) {
                throw new OutOfNativeMemoryException("out of memory while computing `" + method + "`: " + e.getMessage().lines().findFirst().orElse(""), e);
            }
            throw e;
        }
    }

    private static void add(NDList list, Object argument, int index) {
        switch (argument) {
            case Tensor tensor -> {
                tensor.array().setName(null);
                list.add(tensor.array());
            }
            case List<?> tensors -> tensors.forEach(item -> {
                var array = ((Tensor) item).array();
                array.setName("a" + index + "[]");
                list.add(array);
            });
            default -> throw new IllegalArgumentException("not a tensor: " + argument.getClass());
        }
    }

    @Override
    public void close() {
        module.close();
        owner.close();
    }
}
