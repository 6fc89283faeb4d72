package dev.lorikeet.model;

import dev.lorikeet.tensor.DecoderProgram;
import java.util.Arrays;
import dev.lorikeet.tensor.AdapterArguments;
import java.util.List;
import java.util.Optional;

/// The tokens of one step: one for each decoding sequence, and stretches of prompts.
///
/// @param decoding in ascending order of slots
/// @param adapters of these tokens; empty when all of them run on the base alone
public record StepBatch(List<Decoding> decoding, List<Chunk> chunks, Optional<AdapterRows> adapters) {
    public StepBatch(List<Decoding> decoding, List<Chunk> chunks) {
        this(decoding, chunks, Optional.empty());
    }

    public StepBatch {
        decoding = List.copyOf(decoding);
        chunks = List.copyOf(chunks);
    }

    /// The adapters of a batch, prepared for the program.
    @FunctionalInterface
    public interface PreparedAdapters {
        AdapterArguments arguments();
    }

    /// @param combinations, owners for each decoding sequence, then for each chunk: row of the arguments' tables, see [AdapterArguments]
    public record AdapterRows(PreparedAdapters prepared, int[] combinations, int[] owners) {
        public AdapterRows(AdapterArguments arguments, int[] combinations, int[] owners) {
            this(() -> arguments, combinations, owners);
        }
    }

    /// The next token of a sequence. @param position how many tokens of it are cached already
    public record Decoding(int slot, int position, int id) {}

    /// Some tokens of a prompt, after `past` cached ones.
    public record Chunk(int slot, int past, int[] ids, LogitRows logits) {}

    /// After which tokens of a chunk logits are wanted.
    public enum LogitRows {
        NONE, LAST, ALL
    }

    /// Tokens computed.
    public int tokens() {
        return decoding.size() + chunks.stream().mapToInt(chunk -> chunk.ids().length).sum();
    }

    DecoderProgram.Step toStep() {
        int tokens = tokens();
        var ids = new long[tokens];
        var positions = new long[tokens];
        var slots = new long[tokens];
        var logitRows = new long[tokens];
        var shapes = new long[chunks.size() * 3];
        int row = 0;
        int wanted = 0;
        long longest = 0;
        for (var next : decoding) {
            ids[row] = next.id();
            positions[row] = next.position();
            slots[row] = next.slot();
            longest = Math.max(longest, next.position() + 1L);
            logitRows[wanted++] = row++;
        }
        for (int c = 0; c < chunks.size(); c++) {
            var chunk = chunks.get(c);
            int n = chunk.ids().length;
            System.arraycopy(new long[] {chunk.slot(), n, chunk.past()}, 0, shapes, c * 3, 3);
            for (int i = 0; i < n; i++, row++) {
                ids[row] = chunk.ids()[i];
                positions[row] = chunk.past() + i;
                slots[row] = chunk.slot();
                if (chunk.logits() == LogitRows.ALL || chunk.logits() == LogitRows.LAST && i == n - 1) {
                    logitRows[wanted++] = row;
                }
            }
        }
        return new DecoderProgram.Step(ids, positions, slots, decoding.size(), longest, shapes, Arrays.copyOf(logitRows, wanted),
                adapters.map(rows -> rows.prepared().arguments()), spread(adapters.map(AdapterRows::combinations)), spread(adapters.map(AdapterRows::owners)));
    }

    /// One entry for each token, from one for each sequence.
    private long[] spread(Optional<int[]> perSequence) {
        var perToken = new long[tokens()];
        perSequence.ifPresent(values -> {
            int token = 0;
            for (int i = 0; i < decoding.size(); i++) {
                perToken[token++] = values[i];
            }
            for (int c = 0; c < chunks.size(); c++) {
                int end = token + chunks.get(c).ids().length;
                Arrays.fill(perToken, token, end, values[decoding.size() + c]);
                token = end;
            }
        });
        return perToken;
    }
}
