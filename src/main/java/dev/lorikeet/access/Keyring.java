package dev.lorikeet.access;

import dev.lorikeet.store.BadFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/// All keys. Those of the options stay, those of the file are read again when it changes; a key that is gone counts no more from the next
/// request on. Safe for use by many threads.
public final class Keyring {
    private static final Logger LOG = Logger.getLogger(Keyring.class);

    private final List<Key> fixed;
    private final Optional<KeysFile> file;
    private final Limits defaults;
    private Optional<KeysFile.Stamp> stamp;
    private volatile List<Entry> entries;

    private record Entry(Key key, Access access) {}

    /// @param defaults for keys of users that say nothing themselves
    /// @throws IllegalArgumentException two keys have one name @throws BadFileException the file is missing or wrong
    public Keyring(List<Key> fixed, Optional<KeysFile> file, Limits defaults) {
        this.fixed = List.copyOf(fixed);
        this.file = file;
        this.defaults = defaults;
        this.stamp = file.flatMap(KeysFile::stamp);
        this.entries = entries(file.map(KeysFile::read).orElse(List.of()), List.of());
    }

    /// Whether requests need a key.
    public boolean isRequired() {
        return file.isPresent() || !fixed.isEmpty();
    }

    public int size() {
        return entries.size();
    }

    /// Whose key this is. Compares with every key, and with each for as long, so that the time tells nothing.
    public Optional<Access> find(String key) {
        var hash = KeyHash.of(key);
        Optional<Access> found = Optional.empty();
        for (var entry : entries) {
            if (entry.key().hash().matches(hash)) {
                found = Optional.of(entry.access());
            }
        }
        return found;
    }

    /// Reads the file again if it has changed. One that is missing or wrong is reported, and the keys stay as they were.
    public synchronized void refresh() {
        if (file.isEmpty()) {
            return;
        }
        var now = file.get().stamp();
        if (now.equals(stamp)) {
            return;
        }
        stamp = now;
        try {
            entries = entries(file.get().read(), entries);
            LOG.infof("%s was read again: %d keys", file.get().path(), entries.size());
        } catch (BadFileException | IllegalArgumentException e) {
            LOG.errorf("the keys stay as they were: %s", e.getMessage());
        }
    }

    private List<Entry> entries(List<Key> fromFile, List<Entry> before) {
        var all = new ArrayList<>(fixed);
        all.addAll(fromFile);
        var names = new HashSet<String>();
        for (var key : all) {
            if (!names.add(key.name())) {
                throw new IllegalArgumentException("there are two keys of the name `" + key.name() + "`; give one of them another");
            }
        }
        // Whoever has spent something has it spent still.
        Map<String, Entry> known = new HashMap<>();
        before.forEach(entry -> known.put(entry.key().name(), entry));
        return all.stream().map(key -> entry(key, Optional.ofNullable(known.get(key.name())))).toList();
    }

    private Entry entry(Key key, Optional<Entry> before) {
        var limits = switch (key.role()) {
            case USER -> key.limits().or(defaults);
            case ADMIN -> key.limits();
        };
        var allowance = before.map(old -> old.access().allowance()).filter(old -> old.limits().equals(limits)).orElseGet(() -> new Allowance(limits));
        return new Entry(key, new Access(key.role().caller(key.name()), allowance));
    }
}
