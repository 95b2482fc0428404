/** Where what windows could not send is found: in IndexedDB, and in this page. */
import type { Disk, Kept } from "./disk";

/** What windows of this page have left behind: here even where the disk keeps nothing. */
export const left = new Map<string, Kept>();

/** Read what windows that are gone have left in a range of scopes; `mine` says the same of one that this page still has. */
export async function leftIn(
  disk: Disk,
  scopes: IDBKeyRange,
  mine: (kept: Kept) => boolean,
): Promise<[IDBValidKey, Kept][]> {
  const living = new Set<string>();
  const locks = await navigator.locks?.query().catch(() => null);
  for (const lock of locks?.held ?? []) if (lock.name) living.add(lock.name);
  const onDisk = (await disk.read(scopes).catch(() => [])).filter(
    ([, kept]) => !living.has(kept.window),
  );
  const found = new Map<IDBValidKey, Kept>(onDisk);
  for (const [key, kept] of left) if (mine(kept)) found.set(key, kept);
  // The document first, then what builds on it.
  return [...found].sort(
    ([, one], [, other]) => Number(other.number === 0) - Number(one.number === 0),
  );
}
