/** Places that messages name: lines and columns, from 1, of a text that people may have changed since. */
import type { Line, Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Diagnostic } from "../api";

/** So much of a line the server tells. */
const MOST_TOLD = 2000;

/** So many lines a line may have moved; what moved further is looked for by nobody. */
const FAR = 1000;

/** Put the cursor where a message points, and the keyboard there. */
export function revealPlace(view: EditorView, place: Diagnostic): void {
  const { doc } = view.state;
  const at = findPlace(doc, place)?.from ?? offset(doc, place.line, place.column);
  view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
  view.focus();
}

/** Find what a message is about: on the nearest line that says what its line said; null when there is none any more. */
export function findPlace(doc: Text, place: Diagnostic): { from: number; to: number } | null {
  const line = nearest(doc, place);
  if (line === null) return null;
  const from = Math.min(line.from + Math.max(place.column - 1, 0), line.to);
  const end =
    place.end_line > place.line ? line.to : Math.min(line.from + place.end_column - 1, line.to);
  if (end > from) return { from, to: end };
  // Most compilers name a point: it is about the word that begins there.
  const rest = line.text.slice(from - line.from);
  return {
    from,
    to: from + (/^[\p{L}\p{N}_]+/u.exec(rest)?.[0].length ?? Math.min(1, rest.length)),
  };
}

function nearest(doc: Text, { line, text }: Diagnostic): Line | null {
  if (text === undefined || text === null) return null;
  for (let away = 0; away <= FAR; away++)
    for (const number of away === 0 ? [line] : [line - away, line + away])
      if (number >= 1 && number <= doc.lines && says(doc.line(number), text))
        return doc.line(number);
  return null;
}

function says(line: Line, told: string): boolean {
  return told.length < MOST_TOLD ? line.text === told : line.text.startsWith(told);
}

/** Return where a line and column are; the nearest place when they are not there. */
export function offset(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(found.from + Math.max(column - 1, 0), found.to);
}
