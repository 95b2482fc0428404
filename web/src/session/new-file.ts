/** Files that begin in the session: what they may be called, and how they begin. */
import { fileWords } from "../words/files";
import { problemWithOneMore } from "./bring-back";
import { folded, inTheWay, isInside } from "./paths";
import type { Room } from "./room";

const MAX_PATH = 200;
const MAX_PART_BYTES = 255;
/** Windows keeps these for devices, whatever follows the dot. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;

/** Why a file cannot have this name, or null. */
export function problemWithPath(path: string, existing: readonly string[]): string | null {
  return problemWithName(path) ?? problemWithOthers(path, existing);
}

function problemWithName(path: string): string | null {
  if (path === "") return fileWords().typeName;
  if (path.length > MAX_PATH) return fileWords().nameTooLong(MAX_PATH);
  if (/(?! )[\p{C}\p{Z}]/u.test(path)) return fileWords().nameControl;
  const wrong = /[<>:"|?*\\]/.exec(path)?.[0];
  if (wrong !== undefined) return fileWords().nameCharacter(wrong);
  for (const part of path.split("/")) {
    if (part === "" || part === "." || part === "..") return fileWords().namePlain;
    if (/[. ]$|^ /.test(part)) return fileWords().nameEnd;
    if (RESERVED.test(part)) return fileWords().nameReserved(part);
    if (new TextEncoder().encode(part).length > MAX_PART_BYTES)
      return fileWords().nameTooLong(MAX_PATH);
  }
  return null;
}

function problemWithOthers(path: string, existing: readonly string[]): string | null {
  const other = inTheWay(path, existing);
  if (other === null) return null;
  const { nameFolder, nameOtherFolder, nameTaken } = fileWords();
  const [mine, theirs] = [folded(path), folded(other)];
  if (mine === theirs) return nameTaken(other);
  if (isInside(mine, theirs)) return nameFolder;
  // A folder of it is written otherwise.
  const [parts, known] = [path.split("/"), other.split("/")];
  const upTo = parts.findIndex((part, depth) => part !== known[depth]) + 1;
  return nameOtherFolder(parts.slice(0, upTo).join("/"), known.slice(0, upTo).join("/"));
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
