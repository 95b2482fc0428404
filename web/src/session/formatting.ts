/** Formatting a file: the runner formats the text, this page changes only what differs. */
import type { EditorView } from "@codemirror/view";
import { type ApiError, api } from "../api";
import { fetched } from "../parts";
import { toast } from "../toast";
import { t } from "../words";
import { fileWords } from "../words/files";
import type { Room } from "./room";

/** Format the open file: cursors, and what others are typing elsewhere in it, stay where they are. */
export async function formatOpen(
  room: Room,
  sessionId: string,
  name: string,
  view: EditorView,
  again = true,
): Promise<void> {
  if (view.state.readOnly) {
    toast(t.withheld.refusedNow);
    return;
  }
  const before = view.state.doc.toString();
  const path = room.files.pathOf(name);
  try {
    const { text, tool } = await api.format(sessionId, path, before, room.awareness.clientID);
    if (!view.dom.isConnected) return;
    if (view.state.doc.toString() !== before) {
      // Somebody typed meanwhile: format what there is now, but not for ever.
      if (again) await formatOpen(room, sessionId, name, view, false);
      return;
    }
    if (text === before) {
      toast(fileWords().formattedAlready(path));
      return;
    }
    const { diff } = await fetched(() => import("@codemirror/merge"));
    if (view.state.readOnly) toast(t.withheld.refusedNow);
    if (view.state.readOnly || view.state.doc.toString() !== before) return;
    const changes = diff(before, text).map(({ fromA, toA, fromB, toB }) => ({
      from: fromA,
      to: toA,
      insert: text.slice(fromB, toB),
    }));
    view.dispatch({ changes, userEvent: "input.format" });
    toast(fileWords().formatted(path, tool));
  } catch (error) {
    toast((error as ApiError).message);
  }
}
