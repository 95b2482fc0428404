// A cache that keeps little, and that not for long.
import type { Time } from "./clock";

export class Cache<Key, Value> {
  constructor(
    readonly capacity: number,
    readonly seconds: number,
    readonly clock: Time,
  ) {}

  get(key: Key, otherwise?: Value): Value | undefined {
    return otherwise;
  }

  put(key: Key, value: Value): void {}

  size(): number {
    return 0;
  }
}
