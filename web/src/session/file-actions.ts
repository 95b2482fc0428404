/** What can be done with the files of a session. Every change is an edit like any other. */
import { t } from "../words";
import type { Room } from "./room";

const EXTENSIONS: Record<string, string> = {
  py: "python",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  ts: "typescript",
  tsx: "typescript",
  java: "java",
  cpp: "cpp",
  cc: "cpp",
  cxx: "cpp",
  h: "cpp",
  hpp: "cpp",
};
const MAX_PATH = 200;

/** The language of a file by its name; "text" for others. */
export function languageOf(path: string): string {
  return EXTENSIONS[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "text";
}

/** Why a file cannot have this name, or null. The server and the sandbox hold to the same rule. */
export function problemWithPath(path: string, existing: readonly string[]): string | null {
  if (path === "") return t.files.typeName;
  if (path.length > MAX_PATH) return t.files.nameTooLong(MAX_PATH);
  if (/\p{C}/u.test(path)) return t.files.nameControl;
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) return t.files.namePlain;
  if (existing.includes(path)) return t.files.nameTaken(path);
  if (existing.some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`)))
    return t.files.nameFolder;
  return null;
}

function change(room: Room, edit: () => void): void {
  room.files.doc?.transact(edit);
}

/** Add a file with a text. One of that name that was deleted once is emptied first. */
export function addFile(room: Room, path: string, text: string): void {
  change(room, () => {
    const shared = room.text(path);
    if (shared.length > 0) shared.delete(0, shared.length);
    if (text) shared.insert(0, text.replace(/\r\n?/g, "\n"));
    room.files.set(path, { language: languageOf(path) });
  });
}

/** Delete a file; return how to bring it back as it was, with everybody's edits. */
export function deleteFile(room: Room, path: string): () => void {
  const known = room.files.get(path) ?? { language: languageOf(path) };
  change(room, () => room.files.delete(path));
  return () => change(room, () => room.files.set(path, known));
}

/** Give a file another name. Its text moves by one edit of whoever renames it. */
export function renameFile(room: Room, from: string, to: string): void {
  const text = room.text(from).toString();
  change(room, () => {
    addFile(room, to, text);
    room.files.delete(from);
  });
}

/** Save a file on this computer. */
export function saveFile(room: Room, path: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(new Blob([room.text(path).toString()], { type: "text/plain" }));
  link.href = address;
  link.download = path.slice(path.lastIndexOf("/") + 1);
  link.click();
  URL.revokeObjectURL(address);
}
