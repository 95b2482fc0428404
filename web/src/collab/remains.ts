/** Where what windows could not send is found: in IndexedDB, in `localStorage` where that kept nothing, and in this page. */
import type { Disk, Kept } from "./disk";

/** What windows of this page have left behind: here even where the disk keeps nothing. */
export const left = new Map<string, Kept>();

/** The store of little room; null while it cannot be fetched. */
export const littleDisk = () => import("./little-disk").catch(() => null);

/** Read what windows that are gone have left in a range of scopes; `mine` says the same of one that this page still has. */
export async function leftIn(
  disk: Disk,
  scopes: IDBKeyRange,
  mine: (kept: Kept) => boolean,
): Promise<[IDBValidKey, Kept][]> {
  const living = new Set<string>();
  const locks = await navigator.locks?.query().catch(() => null);
  for (const lock of locks?.held ?? []) if (lock.name) living.add(lock.name);
  const little = await littleDisk();
  const kept = [...(await disk.read(scopes).catch(() => [])), ...(little?.read(scopes) ?? [])];
  const found = new Map<IDBValidKey, Kept>(kept.filter(([, { window }]) => !living.has(window)));
  for (const [key, kept] of left) if (mine(kept)) found.set(key, kept);
  // The document first, then what builds on it.
  return [...found].sort(
    ([, one], [, other]) => Number(other.number === 0) - Number(one.number === 0),
  );
}
