/** Places that messages name: lines and columns, from 1. */
import type { Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Diagnostic } from "../api";

/** Put the cursor where a message points, and the keyboard there. */
export function revealPlace(view: EditorView, place: Diagnostic): void {
  const at = offset(view.state.doc, place.line, place.column);
  view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
  view.focus();
}

/** Return where a line and column are; the nearest place when they are not there. */
export function offset(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(found.from + Math.max(column - 1, 0), found.to);
}
