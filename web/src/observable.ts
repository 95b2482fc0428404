/** A value that tells its listeners when it changes, and a hook to show it. */
import { useEffect, useState } from "preact/hooks";

export class Observable<T> {
  readonly #listeners = new Set<() => void>();

  constructor(private current: T) {}

  get(): T {
    return this.current;
  }

  set(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Return the value now, and render again when it changes. */
export function useValue<T>(observable: Observable<T>): T {
  const [value, setValue] = useState(observable.get());
  useEffect(() => {
    setValue(() => observable.get());
    return observable.subscribe(() => setValue(() => observable.get()));
  }, [observable]);
  return value;
}
