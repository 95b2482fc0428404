/**
 * Which files there are, and which root `Y.Text` each has: a file's identity is its text, a path is only its name.
 *
 * An entry of the root map `files` may name its text; else it is `file:` + path, which is all that a stock client knows.
 * Entries come from anybody, so every text has exactly one file: the one whose own `file:` + path it is, else the first
 * in order of the paths. `src/pizarra/collab/state/listing.py` holds to the same rule.
 */
import * as Y from "yjs";

export const MAX_TEXT_NAME = 300;
const MAPS = new Set(["files", "settings"]);

/** Path → the name of its root text, in order of the paths, for every file that is listed. */
export function textNames(files: Y.Map<unknown>): Map<string, string> {
  const owners = new Map<string, string>();
  for (const path of [...files.keys()].sort()) {
    const name = namedText(path, files.get(path));
    if (!owners.has(name) || name === defaultText(path)) owners.set(name, path);
  }
  return new Map(
    [...owners].map(([name, path]) => [path, name] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export function defaultText(path: string): string {
  return `file:${path}`;
}

/** The name of a text of a new file of its own, whatever is written under that path elsewhere. */
export function freshText(path: string): string {
  return `${defaultText(path)}#${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
}

/** Whether a root of the document can be the text of a file. */
export function isText(name: string): boolean {
  return name !== "" && name.length <= MAX_TEXT_NAME && !MAPS.has(name);
}

/** What a text is called that no entry names: as far as its own name tells. */
export function pathOfText(name: string): string {
  return name.replace(/^file:/, "").replace(/#[^#/]*$/, "");
}

/** The text that an entry names, or the default: anybody may have written anything there. */
export function namedText(path: string, entry: unknown): string {
  const name = entryField(entry, "text");
  return typeof name === "string" && isText(name) ? name : defaultText(path);
}

/** What an entry says; a map inside the map is an entry as well. */
export function entryField(entry: unknown, key: string): unknown {
  if (entry instanceof Y.Map) return entry.get(key);
  return typeof entry === "object" && entry !== null
    ? (entry as Record<string, unknown>)[key]
    : undefined;
}

/** The name of what was last set at a path: to be asked about later. */
export function entryId(files: Y.Map<unknown>, path: string): Y.ID | null {
  return files._map.get(path)?.lastId ?? null;
}

/** Whether what stands at a path now was set by somebody who had not seen the entry `mine`, and won over it. */
export function wonUnseen(files: Y.Map<unknown>, path: string, mine: Y.ID): boolean {
  // The entries of one key are a list, the newest last; each knows the one that its author saw.
  for (let item = files._map.get(path) ?? null; item !== null; item = item.left) {
    const before = item.left;
    if (before === null || before.id.client !== mine.client) continue;
    if (before.id.clock <= mine.clock && mine.clock < before.id.clock + before.length)
      return !Y.compareIDs(item.origin, mine);
  }
  return false;
}

/** The name of a root type. */
export function rootName(type: Y.AbstractType<unknown>): string | null {
  return type._item === null && type.doc !== null ? Y.findRootTypeKey(type) : null;
}
