package dev.lorikeet.adapter;

import dev.lorikeet.tensor.AdapterArguments;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorJoin;
import dev.lorikeet.model.LoadedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The adapters of a batch in the form that one step takes: at each weight the matrices of all of them one below the other, whatever
/// their ranks, and a table that says which of the ranks a token uses. One adapter alone is not copied. Engine thread only.
public final class AdapterTable implements AutoCloseable {
    private final List<Adapter> members;
    private final List<WeightedSum> mixes;
    private final TensorJoin join;
    private final AdapterArguments arguments;

    /// The adapters of a row, to be added with their weights. @param scales one for each adapter
    public record WeightedSum(List<Adapter> adapters, List<Double> scales) {
        public WeightedSum {
            adapters = List.copyOf(adapters);
            scales = List.copyOf(scales);
        }
    }

    private AdapterTable(LoadedModel base, List<Adapter> members, List<WeightedSum> mixes) {
        this.members = List.copyOf(members);
        this.mixes = List.copyOf(mixes);
        this.join = new TensorJoin(base.script(), base.plan().device());
        this.arguments = build(base);
    }

    /// @param mixes distinct ones, all that the batch uses
    public static AdapterTable of(LoadedModel base, List<WeightedSum> mixes) {
        var members = mixes.stream().flatMap(mix -> mix.adapters().stream()).distinct().toList();
        return new AdapterTable(base, members, mixes);
    }

    public AdapterArguments arguments() {
        return arguments;
    }

    /// Row of the layouts' tables for this mix; 0 is the base alone.
    public int combination(WeightedSum mix) {
        return mixes.indexOf(mix) + 1;
    }

    /// The one adapter of this mix whose whole weights, biases and magnitudes count, from 1; 0 if there are several.
    public int owner(WeightedSum mix) {
        return mix.adapters().size() == 1 ? members.indexOf(mix.adapters().getFirst()) + 1 : 0;
    }

    private AdapterArguments build(LoadedModel base) {
        var layouts = new LinkedHashMap<List<Integer>, Integer>();
        var sites = new ArrayList<AdapterArguments.Site>();
        for (int site : Adapter.sites(members)) {
            sites.add(site(site, layouts, base.shape(site)));
        }
        var replacements = new ArrayList<AdapterArguments.Replacement>();
        var tokens = new ArrayList<AdapterArguments.TokenRows>();
        for (int i = 0; i < members.size(); i++) {
            int owner = i + 1;
            members.get(i).replacements().forEach((site, weight) -> replacements.add(new AdapterArguments.Replacement(site, owner, weight)));
            members.get(i).tokenRows().ifPresent(rows -> tokens.add(new AdapterArguments.TokenRows(owner, rows.ids(), rows.rows())));
        }
        var tables = layouts.keySet().stream().map(this::layoutTable).toList();
        return new AdapterArguments(base.sites().count(), join.empty(), sites, replacements, tokens, tables);
    }

    private AdapterArguments.Site site(int site, Map<List<Integer>, Integer> layouts, long[] shape) {
        var ranks = new ArrayList<Integer>();
        var a = new ArrayList<Tensor>();
        var b = new ArrayList<Tensor>();
        var dora = new ArrayList<Optional<Tensor>>();
        var bias = new ArrayList<Optional<Tensor>>();
        for (var member : members) {
            var part = Optional.ofNullable(member.parts().get(site));
            var lowRank = part.flatMap(Adapter.Part::lowRank);
            ranks.add(lowRank.map(Adapter.LowRank::rank).orElse(0));
            lowRank.ifPresent(matrices -> {
                a.add(matrices.a());
                b.add(matrices.b());
            });
            dora.add(part.flatMap(Adapter.Part::dora));
            bias.add(part.flatMap(Adapter.Part::bias));
        }
        int layout = layouts.computeIfAbsent(ranks, _ -> layouts.size());
        boolean embedding = site == 0;
        return new AdapterArguments.Site(site, join.optional(a, embedding ? 1 : 0), join.optional(b, 0), layout, join.table(dora, shape[0]),
                join.table(bias, shape[0]));
    }

    /// `[combinations + 1, ranks of all members]`: the scale of each rank for each mix.
    private Tensor layoutTable(List<Integer> ranks) {
        int width = ranks.stream().mapToInt(Integer::intValue).sum();
        var table = new float[(mixes.size() + 1) * width];
        for (int m = 0; m < mixes.size(); m++) {
            int column = 0;
            for (int i = 0; i < members.size(); i++) {
                int at = mixes.get(m).adapters().indexOf(members.get(i));
                for (int r = 0; r < ranks.get(i); r++, column++) {
                    table[(m + 1) * width + column] = at < 0 ? 0 : mixes.get(m).scales().get(at).floatValue();
                }
            }
        }
        return join.matrix(table, mixes.size() + 1, width);
    }

    @Override
    public void close() {
        arguments.close();
        join.close();
    }
}
