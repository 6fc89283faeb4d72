package dev.lorikeet.registry;

import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.chat.AdaptedText;
import dev.lorikeet.engine.LoadedAdapter;
import java.nio.file.Path;
import java.util.List;

/// Brings adapters into memory and copies them between places. Loader thread only.
public interface AdapterLoader {
    /// Bytes that the adapter will take, as its small files tell. @throws AdapterException.Refused
    long bytesNeeded(Path folder, ModelLease base);

    /// @throws AdapterException.Refused saying what is wrong; nothing is left in memory then
    Loaded load(Path folder, ModelLease base);

    /// Copies the tensors to host memory or to the base's device; text stays what it is.
    Loaded copy(Loaded loaded, boolean toHost, ModelLease base);

    /// The base that a folder says it was made for, by the last part of its name; empty if it says nothing.
    String statedBase(Path folder);

    /// An adapter in memory. @param tensors frees them
    record Loaded(LoadedAdapter adapter, AutoCloseable tensors, AdaptedText text, Facts facts) {
        void close() {
            closeTensors();
            text.close();
        }

        void closeTensors() {
            try {
                tensors.close();
            } catch (Exception e) {
                throw new IllegalStateException("the adapter's tensors could not be freed", e);
            }
        }
    }

    /// @param bytes on the device, or in host memory @param sha256 of the files that make the adapter
    record Facts(int rank, long bytes, String sha256, List<String> warnings) {
        public Facts {
            warnings = List.copyOf(warnings);
        }
    }
}
