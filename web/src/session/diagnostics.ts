/** What the compiler says, under the code it says it about. */
import { type Diagnostic as Mark, lintGutter, setDiagnostics } from "@codemirror/lint";
import type { Extension, Text } from "@codemirror/state";
import { ViewPlugin } from "@codemirror/view";
import type { Diagnostic } from "../api";
import { offset } from "./places";
import type { Room } from "./room";

/** Return the extension that keeps one file's marks up to date. */
export function showDiagnostics(room: Room, path: string): Extension {
  const follow = ViewPlugin.define((view) => {
    const update = () => {
      const mine = room.diagnostics.get().filter((each) => each.path === path);
      // Not within an update of the view: the message may have come while one is under way.
      queueMicrotask(() => {
        if (view.dom.isConnected || mine.length > 0) {
          view.dispatch(
            setDiagnostics(
              view.state,
              mine.map((each) => mark(view.state.doc, each)),
            ),
          );
        }
      });
    };
    update();
    return { destroy: room.diagnostics.subscribe(update) };
  });
  return [lintGutter(), follow];
}

function mark(
  doc: Text,
  { line, column, end_line, end_column, severity, message, source }: Diagnostic,
): Mark {
  const from = offset(doc, line, column);
  const to = offset(doc, end_line, end_column);
  // Most compilers name a point: mark the word that begins there.
  const rest = doc.lineAt(from).text.slice(from - doc.lineAt(from).from);
  const word = /^[\p{L}\p{N}_]+/u.exec(rest)?.[0].length ?? Math.min(1, rest.length);
  return { from, to: to > from ? to : from + word, severity, message, source };
}
