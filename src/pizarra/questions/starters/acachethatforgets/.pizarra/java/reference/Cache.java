import java.util.LinkedHashMap;
import java.util.Map;

/** A cache that keeps little, and that not for long. */
class Cache<V> {
    private record Kept<V>(V value, double gone) {
    }

    private final int capacity;
    private final double seconds;
    private final Clock clock;
    private final Map<String, Kept<V>> kept = new LinkedHashMap<>(); // what was used last stands last

    Cache(int capacity, double seconds, Clock clock) {
        this.capacity = capacity;
        this.seconds = seconds;
        this.clock = clock;
    }

    V get(String key) {
        return get(key, null);
    }

    V get(String key, V otherwise) {
        forget();
        Kept<V> found = kept.remove(key);
        if (found == null) return otherwise;
        kept.put(key, found);
        return found.value();
    }

    void put(String key, V value) {
        forget();
        kept.remove(key);
        if (kept.size() >= capacity) kept.remove(kept.keySet().iterator().next());
        kept.put(key, new Kept<>(value, clock.now() + seconds));
    }

    int size() {
        forget();
        return kept.size();
    }

    private void forget() {
        double now = clock.now();
        kept.values().removeIf(each -> each.gone() <= now);
    }
}
