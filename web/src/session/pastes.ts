/** Large pastes, and where they come from: said to everybody, of everybody. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Room } from "./room";
import type { Source } from "./told-paste";

/** What is larger than this is worth telling. */
export const LARGE_CHARACTERS = 100;
export const LARGE_LINES = 5;
const MARK = "application/x-pizarra";
const REMEMBERED = 30;

export function isLarge(text: string): boolean {
  return text.length >= LARGE_CHARACTERS || text.split("\n").length >= LARGE_LINES;
}

/** Where a text comes from: `mark` is what our own copies carry, `copied` what was copied in this window. */
export function sourceOf(
  text: string,
  mark: string,
  own: string,
  copied: readonly string[],
  everything: string,
): Source {
  if (text === "") return "outside"; // a file
  if (mark === own || copied.includes(text)) return "own";
  const session = own.slice(0, own.indexOf("/"));
  if (mark.startsWith(`${session}/`) || everything.includes(text.trim())) return "session";
  return "outside";
}

const copied: string[] = [];

/** Mark what is copied out of this session, here or in its terminal, so that it is known when it comes back. */
export function markCopies(room: Room): () => void {
  const onCopy = (event: ClipboardEvent) => {
    const text =
      event.clipboardData?.getData("text/plain") || document.getSelection()?.toString() || "";
    if (text) copied.push(text.replace(/\r\n?/g, "\n"));
    copied.splice(0, copied.length - REMEMBERED);
    // Other windows of this session know the text by this; where a browser keeps only plain text, by the text itself.
    if (event.defaultPrevented) event.clipboardData?.setData(MARK, ownMark(room));
  };
  document.addEventListener("copy", onCopy);
  document.addEventListener("cut", onCopy);
  return () => {
    document.removeEventListener("copy", onCopy);
    document.removeEventListener("cut", onCopy);
  };
}

function ownMark(room: Room): string {
  return `${room.roomId}/${room.you.get()?.participant_id ?? ""}`;
}

/** Tell of large pastes and drops into one text. */
export function tellPastes(room: Room, name: string): Extension {
  let source: Source = "outside";
  const look = (data: DataTransfer | null) => {
    const text = (data?.getData("text/plain") ?? "").replace(/\r\n?/g, "\n");
    // Asked before the text is in the document, where everything would be found.
    source = sourceOf(
      text,
      data?.getData(MARK) ?? "",
      ownMark(room),
      copied,
      room.files.everything(),
    );
    return false;
  };
  return [
    EditorView.domEventHandlers({
      paste: (event) => look(event.clipboardData),
      drop: (event) => look(event.dataTransfer),
    }),
    EditorView.updateListener.of((update) => {
      for (const transaction of update.transactions) {
        if (!transaction.isUserEvent("input.paste") && !transaction.isUserEvent("input.drop"))
          continue;
        let text = "";
        transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, inserted) => {
          text += inserted.toString();
        });
        if (!isLarge(text) || room.shownSignals.get() === "none") continue;
        const lines = text.split("\n").length;
        const path = room.files.pathOf(name);
        const paste = { path, characters: text.length, lines, source };
        room.untold.set([...room.untold.get(), paste]); // `reporting.ts` tells it
      }
    }),
  ];
}
