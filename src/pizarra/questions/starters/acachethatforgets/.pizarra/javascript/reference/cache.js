// A cache that keeps little, and that not for long.

class Cache {
  // Key -> value and when it is gone; what was used last stands last.
  #kept = new Map();

  constructor(capacity, seconds, clock) {
    this.capacity = capacity;
    this.seconds = seconds;
    this.clock = clock;
  }

  get(key, otherwise) {
    this.#forget();
    const found = this.#kept.get(key);
    if (found === undefined) return otherwise;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  put(key, value) {
    this.#forget();
    this.#kept.delete(key);
    if (this.#kept.size >= this.capacity) this.#kept.delete(this.#kept.keys().next().value);
    this.#kept.set(key, { value, gone: this.clock.now() + this.seconds });
  }

  size() {
    this.#forget();
    return this.#kept.size;
  }

  #forget() {
    const now = this.clock.now();
    for (const [key, { gone }] of [...this.#kept]) if (gone <= now) this.#kept.delete(key);
  }
}

module.exports = { Cache };
