package dev.lorikeet.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.FileStore;
import dev.lorikeet.store.StoredFile;
import dev.lorikeet.training.data.RowCopy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Data sets of the hub as files of this server: a job keeps its rows even if the hub changes them.
final class HubRows {
    private static final String PURPOSE = "fine-tune";

    private final FileStore files;
    private final HubAccess hub;

    HubRows(FileStore files, HubAccess hub) {
        this.files = files;
        this.hub = hub;
    }

    /// Whether this names a data set rather than a file.
    static boolean isMeant(String name) {
        return name.indexOf('/') >= 0;
    }

    /// Brings a split. Blocks while it downloads. @param param `training_file` or `validation_file`
    StoredFile bring(String param, String name, JobRequest request) {
        String split = split(param, request);
        try {
            List<Path> rows = hub.dataset(name, split);
            return files.receive((_, content) -> {
                RowCopy.join(rows, content);
                return new FileStore.Label(name.replace("/", "--") + "-" + split.replace("/", "-") + ".jsonl", PURPOSE, Optional.empty(), request.owner());
            });
        } catch (HubAccess.Refusal e) {
            throw new JobException.Invalid(param, "The data set " + name + " cannot be had: " + e.getMessage());
        } catch (BadFileException e) {
            // Where the cache lies is nobody's business.
            throw new JobException.Invalid(param, "The data set " + name + " cannot be read: " + e.file().getFileName() + ": " + e.problem());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was being fetched", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String split(String param, JobRequest request) {
        boolean training = param.equals("training_file");
        String key = training ? RunOptions.TRAINING_SPLIT : RunOptions.VALIDATION_SPLIT;
        JsonNode split = request.options().path(key);
        return split.isTextual() ? split.textValue() : training ? "train" : "validation";
    }
}
