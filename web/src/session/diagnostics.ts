/** What the compiler says, under the code it says it about. */
import { type Diagnostic as Mark, lintGutter, setDiagnostics } from "@codemirror/lint";
import type { Extension, Text } from "@codemirror/state";
import { ViewPlugin } from "@codemirror/view";
import type { Diagnostic } from "../api";
import { findPlace } from "./places";
import type { Room } from "./room";

/** Return the extension that keeps one file's marks up to date. */
export function showDiagnostics(room: Room, name: string): Extension {
  const follow = ViewPlugin.define((view) => {
    const update = () => {
      const mine = room.program.diagnostics
        .get()
        .filter((each) => room.files.named(each.path) === name);
      // Not within an update of the view: the message may have come while one is under way.
      queueMicrotask(() => {
        if (view.dom.isConnected || mine.length > 0) {
          const marks = mine.flatMap((each) => mark(view.state.doc, each));
          view.dispatch(setDiagnostics(view.state, marks));
        }
      });
    };
    update();
    return { destroy: room.program.diagnostics.subscribe(update) };
  });
  return [lintGutter(), follow];
}

/** A mark that lay under other text would be worse than none. */
function mark(doc: Text, diagnostic: Diagnostic): Mark[] {
  const place = findPlace(doc, diagnostic);
  const { severity, message, source } = diagnostic;
  return place === null ? [] : [{ ...place, severity, message, source }];
}
