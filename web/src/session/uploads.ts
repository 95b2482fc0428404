/** Files from somebody's computer. What cannot become text of the session is refused with a word. */
import { toast } from "../toast";
import { region, t } from "../words";
import { fileWords } from "../words/files";
import { bytesOf } from "./allowance";
import { decode } from "./decoding";
import { addFile, problemWithNew } from "./new-file";
import type { Room } from "./room";

/** A text in UTF-16 has twice as many bytes as in UTF-8 at most. */
const WIDEST = 2;

interface Read {
  /** With Unix line ends; null when there is none that fits. */
  text: string | null;
  /** What this person must be told of it. */
  word: string | null;
}

export async function readText(room: Room, file: File): Promise<Read> {
  const { max } = room.allowance;
  const refuse = (word: string): Read => ({ text: null, word });
  const tooLarge = t.files.tooLarge(file.name, max.toLocaleString(region()));
  if (file.size > WIDEST * max) return refuse(tooLarge);
  const bytes = await file.arrayBuffer().catch(() => null); // a folder, or gone since
  if (bytes === null) return refuse(fileWords().unreadable(file.name));
  const found = decode(new Uint8Array(bytes));
  if (found === null) return refuse(fileWords().noText(file.name));
  const text = found.text.replace(/\r\n?/g, "\n");
  if (!room.allowance.admits(bytesOf(text))) return refuse(tooLarge);
  return { text, word: found.guessed && fileWords().guessed(file.name, found.guessed) };
}

/** Tell of several files at once: a word that another one covers was not said. */
export function tell(words: readonly (string | null)[]): void {
  const said = words.filter((word) => word !== null);
  if (said.length > 0) toast(said.join(" "));
}

/** Add files as they are; return the name of the last one's text, null when none could be added. */
export async function upload(room: Room, files: Iterable<File>): Promise<string | null> {
  const words: (string | null)[] = [];
  let last: string | null = null;
  for (const file of files) {
    const path = file.name.normalize("NFC");
    const problem = () => problemWithNew(room, path);
    const { text, word } =
      problem() === null ? await readText(room, file) : { text: null, word: null };
    // Asked again: somebody else may have added it while it was read, or locked editing.
    const refused = problem();
    words.push(refused === null ? word : fileWords().notAdded(file.name, refused));
    if (text !== null && refused === null) last = addFile(room, path, text) ?? last;
  }
  tell(words);
  return last;
}
