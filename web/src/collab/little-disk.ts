/**
 * Where IndexedDB keeps nothing (denied, closed, full), `localStorage` may: less, and what is in it is bounded. Fetched
 * with the first connection, for without one it could not be.
 */
import type { Kept } from "./disk";

const PREFIX = "pizarra.unsent.";
/** In characters, names included: browsers allow a site two and a half million or more, for everything. */
const MOST = 2_000_000;

/** What this page has put or found there, by its key in the outbox. */
const known = new Map<string, Kept>();
/** How much there is; null: it has to be counted. */
let size: number | null = null;
/** Documents that found no room beside the edits that build on them. */
const leftOut = new WeakSet<Uint8Array>();

globalThis.addEventListener?.("storage", () => (size = null)); // another window's doing

/**
 * Bring it to what a window holds, then forget `spare`; throws where there is no room, or no such store at all. The
 * document that edits build on gives way to them: they can be sent without it.
 */
export function settle(window: string, held: readonly Kept[], spare: Iterable<IDBValidKey>): void {
  const wanted = new Map(held.map((kept) => [`${window}/${kept.number}`, kept]));
  erase([...known.keys()].filter((key) => key.startsWith(`${window}/`) && !wanted.has(key)));
  const document = `${window}/0`;
  for (const [key, kept] of wanted) {
    if (key === document || isThere(key, kept)) continue;
    try {
      put(key, kept);
    } catch (error) {
      const inTheWay = known.get(document);
      if (!inTheWay) throw error;
      leftOut.add(inTheWay.update);
      erase([document]);
      put(key, kept);
    }
  }
  const base = wanted.get(document);
  if (base && !isThere(document, base) && !leftOut.has(base.update)) {
    try {
      put(document, base);
    } catch {
      leftOut.add(base.update);
    }
  }
  erase(spare);
}

/** Return what is there for the scopes of a range, by its key in the outbox. */
export function read(scopes: IDBKeyRange): [string, Kept][] {
  const found: [string, Kept][] = [];
  try {
    for (const name of names()) {
      const kept = parsed(localStorage.getItem(name));
      if (kept && scopes.includes(kept.scope)) found.push([name.slice(PREFIX.length), kept]);
    }
  } catch {
    // merely to look at `localStorage` throws where site data is blocked
  }
  for (const [key, kept] of found) known.set(key, kept);
  return found;
}

export function erase(keys: Iterable<IDBValidKey>): void {
  for (const key of keys) {
    if (!known.delete(String(key))) continue;
    size = null;
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // denied since: it is found and sent once more, which does no harm
    }
  }
}

function put(key: string, kept: Kept): void {
  erase([key]);
  const text = JSON.stringify({ ...kept, update: toBase64(kept.update) });
  size ??= names().reduce((sum, name) => sum + lengthOf(name, localStorage.getItem(name)), 0);
  const more = lengthOf(PREFIX + key, text);
  if (size + more > MOST) throw new DOMException("", "QuotaExceededError");
  localStorage.setItem(PREFIX + key, text);
  known.set(key, kept);
  size += more;
}

function names(): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}

function lengthOf(name: string, text: string | null): number {
  return name.length + (text?.length ?? 0);
}

function isThere(key: string, { update, refused }: Kept): boolean {
  const have = known.get(key);
  return have?.update === update && have.refused === refused;
}

// Not lib0's: what the first load is made of would be cut otherwise, and weigh more.
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
}

/** What is no entry of ours is left alone. */
function parsed(text: string | null): Kept | null {
  try {
    const kept = JSON.parse(text ?? "null") as Kept & { update: unknown };
    return { ...kept, update: fromBase64(String(kept.update)) };
  } catch {
    return null;
  }
}
