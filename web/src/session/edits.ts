/** Others' edits, told to screen readers: who, and in which line; not more often than anybody could listen to. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { ySyncAnnotation } from "y-codemirror.next";
import { announce } from "../announcer";
import { t } from "../words";
import type { Room } from "./room";
import type { Presence } from "./follow";

const APART_MS = 6000;

export function announceEdits(room: Room): Extension {
  let quietUntil = 0;
  let mover: string | null = null;
  // Whose caret moved last is who typed: an edit and its caret travel together.
  const onPresence = ({ updated }: { updated: number[] }) => {
    const id = updated.filter((each) => each !== room.awareness.clientID).at(-1);
    const state =
      id === undefined ? undefined : (room.awareness.getStates().get(id) as Presence | undefined);
    if (state?.cursor && typeof state.user?.name === "string") mover = state.user.name;
  };
  room.awareness.on("update", onPresence);
  return EditorView.updateListener.of((update) => {
    if (!update.docChanged || mover === null || Date.now() < quietUntil) return;
    const theirs = update.transactions.find(
      (each) => each.docChanged && each.annotation(ySyncAnnotation),
    );
    if (theirs === undefined) return;
    let at = 0;
    theirs.changes.iterChanges((_fromA, _toA, fromB) => {
      at = fromB;
    });
    quietUntil = Date.now() + APART_MS;
    announce(t.announcements.edits(mover, update.state.doc.lineAt(at).number));
  });
}
