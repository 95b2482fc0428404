/**
 * The IndexedDB store behind the outbox. It may go away at any time (closed under us, cleared, full, denied, in another
 * window's way) and come back: every use opens it again where that is needed, and says whether it worked.
 */

const NAME = "pizarra-outbox";
const STORE = "updates";
const PATIENCE_MS = 3000;

export interface Kept {
  scope: string;
  window: string;
  number: number;
  update: Uint8Array;
  /** How the server refused it for its own sake, whoever sends it. */
  refused?: Refusal | undefined;
}

/** The code and the reason with which a connection was closed. */
export interface Refusal {
  code: number;
  reason: string;
}

export class Disk {
  #database: Promise<IDBDatabase> | null = null;

  /** `onLost` is called when the browser has closed the database: what was in it may be gone. */
  constructor(private readonly onLost: () => void = () => undefined) {}

  /** Change the store; when this resolves the change is kept. */
  write(change: (store: IDBObjectStore) => void): Promise<void> {
    return this.#use(
      (database) =>
        new Promise((resolve, reject) => {
          const transaction = database.transaction(STORE, "readwrite", { durability: "relaxed" });
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(transaction.error);
          change(transaction.objectStore(STORE));
        }),
    );
  }

  /** Return what is kept for the scopes of a range, with its keys, oldest first. */
  read(scopes: IDBKeyRange): Promise<[IDBValidKey, Kept][]> {
    return this.#use(async (database) => {
      const index = database.transaction(STORE).objectStore(STORE).index("scope");
      const [keys, kept] = await Promise.all([
        finished(index.getAllKeys(scopes)),
        finished(index.getAll(scopes)),
      ]);
      return keys.map((key, at): [IDBValidKey, Kept] => [key, kept[at] as Kept]);
    });
  }

  close(): void {
    const closing = this.#database;
    this.#database = null;
    closing?.then((database) => database.close()).catch(() => undefined);
  }

  async #use<T>(action: (database: IDBDatabase) => Promise<T>): Promise<T> {
    try {
      this.#database ??= opened(() => {
        this.#database = null;
        this.onLost();
      });
      return await soon(this.#database.then(action));
    } catch (error) {
      this.close(); // the next one opens it again
      throw error;
    }
  }
}

async function opened(onClosed: () => void, version?: number): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, version);
  request.onupgradeneeded = () => {
    if (request.result.objectStoreNames.contains(STORE)) return;
    request.result.createObjectStore(STORE, { autoIncrement: true }).createIndex("scope", "scope");
  };
  const database = await finished(request);
  database.onclose = onClosed;
  database.onversionchange = () => {
    database.close(); // another window wants it otherwise: do not stand in its way
    onClosed();
  };
  if (database.objectStoreNames.contains(STORE)) return database;
  database.close(); // made anew by somebody who only looked
  return opened(onClosed, database.version + 1);
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Give up on a database that does not answer: another window may be in the way for ever. */
function soon<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException("", "TimeoutError")), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
