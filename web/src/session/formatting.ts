/** Formatting a file: the runner formats the text, this page changes only what differs. */
import type { EditorView } from "@codemirror/view";
import { type ApiError, api } from "../api";
import { toast } from "../toast";
import { t } from "../words";
import type { Room } from "./room";

/** Format the open file: cursors, and what others are typing elsewhere in it, stay where they are. */
export async function formatOpen(
  room: Room,
  sessionId: string,
  path: string,
  view: EditorView,
  again = true,
): Promise<void> {
  const before = view.state.doc.toString();
  try {
    const { text, tool } = await api.format(sessionId, path, before);
    if (!view.dom.isConnected) return;
    if (view.state.doc.toString() !== before) {
      // Somebody typed meanwhile: format what there is now, but not for ever.
      if (again) await formatOpen(room, sessionId, path, view, false);
      return;
    }
    if (text === before) {
      toast(t.files.formattedAlready(path));
      return;
    }
    const { diff } = await import("@codemirror/merge");
    if (view.state.doc.toString() !== before) return;
    const changes = diff(before, text).map(({ fromA, toA, fromB, toB }) => ({
      from: fromA,
      to: toA,
      insert: text.slice(fromB, toB),
    }));
    view.dispatch({ changes, userEvent: "input.format" });
    toast(t.files.formatted(path, tool));
  } catch (error) {
    toast((error as ApiError).message);
  }
}
