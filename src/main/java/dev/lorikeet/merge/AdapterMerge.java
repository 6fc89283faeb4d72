package dev.lorikeet.merge;

import dev.lorikeet.adapter.Adapter;
import dev.lorikeet.adapter.AdapterMetadata;
import dev.lorikeet.adapter.AdapterReader;
import dev.lorikeet.adapter.AdapterRefusal;
import dev.lorikeet.adapter.PeftConfig;
import dev.lorikeet.merge.MergeProgress.Stage;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Merges an adapter into its base and writes the result as a Hugging Face checkpoint of its own. The base is mapped and read piece by
/// piece; what is written is loaded again and compared before it gets its name. The calling thread must be one that runs programs and
/// nothing else, since libtorch keeps settings and memory per thread.
public final class AdapterMerge {
    private final MergeRequest request;
    private final MergeProgress progress;
    private int shards;
    private MergeVerification.Result verification;
    private Optional<MergeReport.Quantized> quantized = Optional.empty();

    private AdapterMerge(MergeRequest request, MergeProgress progress) {
        this.request = request;
        this.progress = progress;
    }

    /// @throws MergeException when it cannot be done or has failed; nothing is left then
    public static MergeReport run(MergeRequest request, MergeProgress progress) {
        try {
            Torch.enterThread(false);
            return new AdapterMerge(request, progress).run();
        } catch (AdapterRefusal | BadFileException e) {
            throw new MergeException(e.getMessage(), e);
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new MergeException(request.out() + ": cannot be written: " + reason + "; nothing was left there", e);
        }
    }

    private MergeReport run() throws IOException {
        var out = request.out().toAbsolutePath().normalize();
        if (Files.exists(out)) {
            throw new MergeException(out + ": exists already; name a folder that does not, or remove it");
        }
        try (var base = load(request.model(), Optional.empty()); var adapter = AdapterReader.read(request.adapter(), base); var arena = Arena.ofConfined()) {
            base.plan().quantization().ifPresent(scheme -> {
                throw new MergeException(request.model() + ": is quantised (" + scheme.name() + "), and an adapter cannot be put into codes; name the "
                        + "full-precision checkpoint that it was made from");
            });
            var plan = MergePlan.of(base, request.adapter(), arena);
            long bytes = plan.tensors().stream().mapToLong(MergedTensor::bytes).sum();
            Files.createDirectories(out.getParent());
            requireRoom(out.getParent(), bytes);
            AtomicFile.createFolder(out, folder -> write(folder, base, adapter, plan));
            int changed = (int) plan.tensors().stream().filter(MergedTensor::isChanged).count();
            return new MergeReport(out, plan.tensors().size(), changed, bytes, shards, verification, quantized);
        }
    }

    private void write(Path folder, LoadedModel base, Adapter adapter, MergePlan plan) throws IOException {
        shards = ShardWriter.write(folder, plan.tensors(), request.shardBytes(), base.script(), fraction -> progress.report(Stage.WRITING, fraction));
        var files = new SmallFiles(request.model(), request.adapter(), folder);
        files.copy();
        files.writeConfig(plan.fields());
        new ModelCard(request.model(), request.adapter(), PeftConfig.read(request.adapter())).write(folder);
        verification = verify(folder, base, adapter, plan);
    }

    /// On the CPU, whatever the server uses: there the weights are the mapped file itself.
    private static LoadedModel load(Path folder, Optional<Quantization> scheme) {
        var options = new ModelPlan.Options(new TensorDevice.Cpu(), "auto", MergeVerification.PROMPT_LENGTH, 1);
        return LoadedModel.load(ModelPlan.of(folder, options.quantized(scheme)), _ -> { });
    }

    private void requireRoom(Path folder, long bytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (bytes > free) {
            throw new MergeException(request.out() + ": the merged checkpoint takes " + bytes + " bytes, but only " + free
                    + " are free there; make room, or choose another place");
        }
    }

    private MergeVerification.Result verify(Path folder, LoadedModel base, Adapter adapter, MergePlan plan) {
        progress.report(Stage.VERIFYING, 0);
        try (var merged = load(folder, Optional.empty())) {
            var result = new MergeVerification(base, adapter, plan.tokens()).compare(merged, fraction -> progress.report(Stage.VERIFYING, fraction));
            if (!result.holds()) {
                throw new MergeException(String.format("the logits of the merged checkpoint differ by %.3g of their spread from those of base and adapter "
                        + "(allowed: %.3g; the adapter itself makes %.3g), so it was not kept", result.difference(), result.tolerance(), result.effect()));
            }
            quantized = AdapterMetadata.read(request.adapter()).quantization().map(scheme -> new MergeReport.Quantized(scheme.name(), distance(scheme, merged, plan)));
            return result;
        }
    }

    /// From the base as it was when the adapter was trained.
    private double distance(Quantization scheme, LoadedModel merged, MergePlan plan) {
        try (var base = load(request.model(), Optional.of(scheme)); var adapter = AdapterReader.read(request.adapter(), base)) {
            return new MergeVerification(base, adapter, plan.tokens()).compare(merged, fraction -> progress.report(Stage.VERIFYING, fraction)).difference();
        }
    }
}
