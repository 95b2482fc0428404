/**
 * Edits that the server has not acknowledged, kept in IndexedDB: a crashed tab or a closed laptop loses nothing.
 *
 * Each window keeps its own; what a window that is gone has left behind is found by the next one of the same person.
 * Sending an edit twice does no harm: Yjs takes it in once.
 */

const STORE = "updates";

interface Kept {
  scope: string;
  window: string;
  number: number;
  update: Uint8Array;
}

export class Outbox {
  readonly #window: string = crypto.randomUUID?.() ?? String(Math.random());
  #release: (() => void) | null = null;
  #closed = false;

  private constructor(
    readonly database: IDBDatabase,
    readonly scope: string,
  ) {
    // A window holds a lock as long as it lives: whose lock is gone, is gone.
    navigator.locks?.request(
      this.#window,
      () =>
        new Promise<void>((resolve) => {
          this.#release = resolve;
        }),
    );
  }

  /** Open the outbox of one person in one room; null where the browser keeps nothing (some private windows). */
  static async open(room: string, person: string): Promise<Outbox | null> {
    try {
      const request = indexedDB.open("pizarra-outbox", 1);
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { autoIncrement: true });
        store.createIndex("scope", "scope");
      };
      return new Outbox(await finished(request), `${room}/${person}`);
    } catch {
      return null;
    }
  }

  /** Keep an edit until `forget` covers its number. */
  keep(number: number, update: Uint8Array): void {
    if (this.#closed) return; // the window has let go of the session
    const kept: Kept = { scope: this.scope, window: this.#window, number, update };
    this.#store("readwrite").add(kept);
  }

  /** Forget this window's edits up to `number`: they are safe. */
  forget(number: number): void {
    if (this.#closed) return;
    const cursor = this.#store("readwrite").index("scope").openCursor(IDBKeyRange.only(this.scope));
    cursor.onsuccess = () => {
      const at = cursor.result;
      if (at === null) return;
      const kept = at.value as Kept;
      if (kept.window === this.#window && kept.number <= number) at.delete();
      at.continue();
    };
  }

  /** Return what windows that are gone have left behind, oldest first. */
  async leftBehind(): Promise<{ key: IDBValidKey; update: Uint8Array }[]> {
    const living = new Set<string>([this.#window]);
    for (const lock of (await navigator.locks?.query())?.held ?? []) if (lock.name) living.add(lock.name);
    if (this.#closed) return []; // while we asked
    const index = this.#store("readonly").index("scope");
    const mine = IDBKeyRange.only(this.scope);
    const [keys, all] = await Promise.all([finished(index.getAllKeys(mine)), finished(index.getAll(mine))]);
    const left = (all as Kept[]).map(({ window, update }, at) => ({
      key: keys[at] as IDBValidKey,
      window,
      update,
    }));
    return left.filter(({ window }) => !living.has(window));
  }

  /** Forget what was found left behind: it is this window's now. */
  drop(keys: IDBValidKey[]): void {
    if (this.#closed) return;
    const store = this.#store("readwrite");
    for (const key of keys) store.delete(key);
  }

  /** Forget everything of this person in this room. */
  async clear(): Promise<void> {
    const store = this.#store("readwrite");
    const keys = await finished(store.index("scope").getAllKeys(IDBKeyRange.only(this.scope)));
    for (const key of keys) store.delete(key);
  }

  close(): void {
    this.#closed = true;
    this.#release?.();
    this.database.close();
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode, { durability: "relaxed" }).objectStore(STORE);
  }
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
