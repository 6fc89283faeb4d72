package dev.lorikeet.rag;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Remembers the values used last, each for a time. Safe for use by many threads.
final class ExpiringCache<K, V> {
    private final Duration lifetime;
    private final InstantSource clock;
    private final Map<K, Remembered<V>> entries;

    private record Remembered<V>(V value, Instant end) {}

    ExpiringCache(int most, Duration lifetime, InstantSource clock) {
        this.lifetime = lifetime;
        this.clock = clock;
        this.entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Remembered<V>> eldest) {
                return size() > most;
            }
        };
    }

    synchronized Optional<V> get(K key) {
        Remembered<V> entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!clock.instant().isBefore(entry.end())) {
            entries.remove(key);
            return Optional.empty();
        }
        return Optional.of(entry.value());
    }

    synchronized void put(K key, V value) {
        entries.put(key, new Remembered<>(value, clock.instant().plus(lifetime)));
    }
}
