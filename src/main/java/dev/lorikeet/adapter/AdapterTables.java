package dev.lorikeet.adapter;

import dev.lorikeet.engine.AdapterBatch;
import dev.lorikeet.engine.AdapterMix;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.StepBatch.AdapterRows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Puts the adapters of an engine's batches into [AdapterTable]s of one base model.
public record AdapterTables(LoadedModel base) implements AdapterBatch.Source {
    @Override
    public AdapterBatch prepare(List<AdapterMix> mixes) {
        var table = new LinkedHashMap<AdapterMix, AdapterTable.WeightedSum>();
        mixes.forEach(mix -> table.put(mix, tableMix(mix)));
        return new Prepared(AdapterTable.of(base, List.copyOf(table.values())), table);
    }

    private static AdapterTable.WeightedSum tableMix(AdapterMix mix) {
        return new AdapterTable.WeightedSum(mix.shares().stream().map(share -> (Adapter) share.adapter()).toList(),
                mix.shares().stream().map(AdapterMix.Share::scale).toList());
    }

    private record Prepared(AdapterTable table, Map<AdapterMix, AdapterTable.WeightedSum> mixes) implements AdapterBatch {
        @Override
        public AdapterRows rows(List<Optional<AdapterMix>> wanted) {
            var known = wanted.stream().map(mix -> mix.map(mixes::get)).toList();
            return new AdapterRows(table.arguments(), known.stream().mapToInt(mix -> mix.map(table::combination).orElse(0)).toArray(),
                    known.stream().mapToInt(mix -> mix.map(table::owner).orElse(0)).toArray());
        }

        @Override
        public void close() {
            table.close();
        }
    }
}
