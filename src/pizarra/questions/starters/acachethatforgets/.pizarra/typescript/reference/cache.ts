// A cache that keeps little, and that not for long.
import type { Time } from "./clock";

export class Cache<Key, Value> {
  // Key -> value and when it is gone; what was used last stands last.
  readonly #kept = new Map<Key, { value: Value; gone: number }>();

  constructor(
    readonly capacity: number,
    readonly seconds: number,
    readonly clock: Time,
  ) {}

  get(key: Key, otherwise?: Value): Value | undefined {
    this.#forget();
    const found = this.#kept.get(key);
    if (found === undefined) return otherwise;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  put(key: Key, value: Value): void {
    this.#forget();
    this.#kept.delete(key);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < this.capacity) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, { value, gone: this.clock.now() + this.seconds });
  }

  size(): number {
    this.#forget();
    return this.#kept.size;
  }

  #forget(): void {
    const now = this.clock.now();
    for (const [key, { gone }] of [...this.#kept]) if (gone <= now) this.#kept.delete(key);
  }
}
