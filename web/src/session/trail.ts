/** Where this person looks: told when the caret moves other than by typing, so that the replay can show it. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { mayTakePart } from "./roles";
import type { Room } from "./room";
import { relative } from "./follow";

const EVERY_MS = 500;

export function tellTrail(room: Room, name: string): Extension {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return EditorView.updateListener.of(({ docChanged, selectionSet, view }) => {
    // Typing says where the caret is by itself, and a caret that others push is where it was.
    if (docChanged || !selectionSet || timer !== undefined || !mayTakePart(room.you.get()?.role))
      return;
    timer = setTimeout(() => {
      timer = undefined;
      if (!view.dom.isConnected || room.link.get().state !== "online") return;
      const { anchor, head } = view.state.selection.main;
      const place = (at: number) => JSON.stringify(relative(room.files.text(name), at));
      room.send({
        type: "cursor",
        path: room.files.pathOf(name),
        anchor: place(anchor),
        head: place(head),
      });
    }, EVERY_MS);
  });
}
