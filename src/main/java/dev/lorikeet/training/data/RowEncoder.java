package dev.lorikeet.training.data;

import dev.lorikeet.chat.AnnotatedChat;
import dev.lorikeet.chat.AnnotatedCompletion;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.chat.ModelTokenizer;
import dev.lorikeet.chat.Segment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Rows to token ids and labels. Chats go through the template and the tokenizer that serve.
final class RowEncoder {
    /// @param ended the last learned token ends a turn @param borderMerged an answer's first token stands for the end of its prompt as well
    record Encoded(int[] ids, int[] labels, boolean ended, boolean borderMerged) {
        /// Its first tokens as an example.
        Example example(int line, int kept) {
            try {
                return new Example(Arrays.copyOf(ids, kept), labels.length == kept ? labels : Arrays.copyOf(labels, kept), line);
            } catch (IllegalArgumentException e) {
                throw new RowException(e.getMessage());
            }
        }
    }

    private final ModelText model;
    private final LearnedPart learned;

    RowEncoder(ModelText model, LearnedPart learned) {
        this.model = model;
        this.learned = learned;
    }

    Encoded encode(Row row) {
        return switch (row) {
            case Row.Chat chat -> chat(chat);
            case Row.Text text -> text(text.text());
            case Row.Completion completion -> completion(completion);
            case Row.Tokens tokens -> tokens(tokens);
        };
    }

    boolean doublesBos(Encoded row) {
        OptionalInt bos = model.tokenizer().bosId();
        return bos.isPresent() && row.ids().length > 1 && row.ids()[0] == bos.getAsInt() && row.ids()[1] == row.ids()[0];
    }

    private Encoded chat(Row.Chat row) {
        AnnotatedChat chat = model.annotate(row.chat());
        int[] labels = learned == LearnedPart.EVERYTHING ? chat.ids().clone() : ignored(chat.ids().length);
        boolean merged = false;
        boolean ended = true;
        for (int i = 0; i < chat.turns().size(); i++) {
            AnnotatedChat.Turn turn = chat.turns().get(i);
            boolean wanted = !row.unlearned().contains(turn.message()) && (learned != LearnedPart.LAST_ANSWER || i == chat.turns().size() - 1);
            for (int t = turn.from(); t < turn.to(); t++) {
                labels[t] = wanted ? chat.ids()[t] : Example.IGNORED;
            }
            ended &= !wanted || turn.ended();
            merged |= wanted && turn.borderMerged();
        }
        return new Encoded(chat.ids(), labels, ended, merged);
    }

    private Encoded text(String text) {
        int[] ids = closed(opened(model.tokenizer().encodeWithoutDoubledPrefix(text)));
        return new Encoded(ids, ids.clone(), ended(ids), false);
    }

    private Encoded completion(Row.Completion row) {
        AnnotatedCompletion encoded = model.annotate(segments(row.prompt()), segments(row.completion()));
        int[] ids = closed(encoded.ids());
        int[] labels = ids.clone();
        if (learned != LearnedPart.EVERYTHING) {
            Arrays.fill(labels, 0, encoded.from(), Example.IGNORED);
        }
        return new Encoded(ids, labels, ended(ids), encoded.borderMerged());
    }

    private Encoded tokens(Row.Tokens row) {
        if (row.inputIds().length == 0 || row.inputIds().length != row.labels().length) {
            throw new RowException("has " + row.inputIds().length + " input_ids and " + row.labels().length
                    + " labels; there must be as many labels as ids, and at least one");
        }
        int size = model.tokenizer().vocabularySize();
        for (int i = 0; i < row.inputIds().length; i++) {
            if (row.inputIds()[i] < 0 || row.inputIds()[i] >= size) {
                throw new RowException("input_ids[" + i + "] is " + row.inputIds()[i] + "; the tokenizer has the ids 0 to " + (size - 1));
            }
        }
        return new Encoded(row.inputIds(), row.labels(), ended(row.labels()), false);
    }

    private static List<Segment> segments(List<Row.Piece> pieces) {
        return pieces.stream().map(piece -> new Segment(piece.text(), piece.trusted())).toList();
    }

    private int[] opened(int[] ids) {
        OptionalInt bos = model.tokenizer().bosId();
        if (bos.isEmpty() || ids.length > 0 && ids[0] == bos.getAsInt()) {
            return ids;
        }
        int[] result = new int[ids.length + 1];
        result[0] = bos.getAsInt();
        System.arraycopy(ids, 0, result, 1, ids.length);
        return result;
    }

    private int[] closed(int[] ids) {
        ModelTokenizer tokenizer = model.tokenizer();
        if (tokenizer.eosId().isEmpty() || ids.length > 0 && ids[ids.length - 1] == tokenizer.eosId().getAsInt()) {
            return ids;
        }
        int[] result = Arrays.copyOf(ids, ids.length + 1);
        result[ids.length] = tokenizer.eosId().getAsInt();
        return result;
    }

    private boolean ended(int[] labels) {
        int last = labels.length - 1;
        while (last >= 0 && labels[last] == Example.IGNORED) {
            last--;
        }
        return last >= 0 && model.defaults().endTokenIds().contains(labels[last]);
    }

    private static int[] ignored(int length) {
        int[] labels = new int[length];
        Arrays.fill(labels, Example.IGNORED);
        return labels;
    }
}
