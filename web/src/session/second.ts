/** What an editor has beside its text: fetched as one, once the first letter can be typed. */
import type { EditorView } from "@codemirror/view";
import { knownNames, knownPlaces, readAhead } from "./assist";
import { completions } from "./completion";
import { othersIn } from "./cursors";
import { showDiagnostics } from "./diagnostics";
import { draggedAsItIs } from "./dragging";
import type { EditorOptions } from "./editor-options";
import { peerSelections } from "./peer-selections";
import { pointing } from "./pointing";
import type { Room } from "./room";
import { strangeSpaces } from "./spaces";

/** Return what offers words and names, and what marks the text of the file that is called so now. */
export function second(
  room: Room,
  name: string,
  view: EditorView,
  { asks, onPoint }: EditorOptions,
) {
  const path = () => room.files.pathOf(name);
  readAhead(asks, path, view.state);
  return {
    offers: [
      completions(room.files.language(path()), knownNames(asks, path)),
      knownPlaces(asks, path),
    ],
    marks: [
      showDiagnostics(room, name),
      pointing(onPoint),
      strangeSpaces(),
      draggedAsItIs,
      peerSelections(() => othersIn(room.files.text(name), room.awareness)),
    ],
  };
}
