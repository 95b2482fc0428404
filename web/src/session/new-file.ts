/** Files that begin in the session, and files that are taken from it. */
import { region, t } from "../words";
import { problemWithPath } from "./paths";
import type { Room } from "./room";

/** Why there cannot be one more file now, or null. */
export function problemWithOneMore({
  mayWrite,
  files,
  allowance: { maxFiles },
}: Room): string | null {
  if (!mayWrite.get()) return t.withheld.refusedNow;
  return files.paths.length < maxFiles ? null : t.files.tooMany(maxFiles.toLocaleString(region()));
}

/** Why there cannot be a new file of this name now, or null. */
export function problemWithNew(room: Room, path: string): string | null {
  return problemWithOneMore(room) ?? problemWithPath(path, room.files.paths);
}

/** Add a file, and make room for it: of what was deleted only so much is kept as a session may hold; null if one may not. */
export function addFile(room: Room, path: string, text: string): string | null {
  const used = new Set<string>();
  for (const state of room.awareness.getStates().values())
    used.add(
      room.files.locate((state as { cursor?: { head?: unknown } }).cursor?.head)?.name ?? "",
    );
  room.files.forget(room.allowance.max - text.length, (name) => used.has(name));
  return room.files.add(path.normalize("NFC"), text);
}

/** Save a file on this computer. */
export function saveFile(room: Room, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(
    new Blob([room.files.text(name).toString()], { type: "text/plain" }),
  );
  const path = room.files.pathOf(name);
  link.href = address;
  link.download = path.slice(path.lastIndexOf("/") + 1);
  link.click();
  URL.revokeObjectURL(address);
}
