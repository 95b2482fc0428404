/** What is remembered of a file while another one is open: undo, selection, and what was in view. By its text: names change. */
import { EditorSelection } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type * as Y from "yjs";
import { absolute, relative } from "./follow";
import { managerOf } from "./undo";

/** What was looked at longest ago is forgotten first. */
const MAX_FILES = 50;

interface Remembered {
  undo: Y.UndoManager;
  ranges: { anchor: unknown; head: unknown }[];
  main: number;
  /** The line that was at the top, and how far below it. */
  top: unknown;
  below: number;
}

/** Where somebody was in a file. */
export interface Place {
  selection: EditorSelection;
  top: number;
  below: number;
}

const memories = new WeakMap<Y.Doc, Map<Y.Text, Remembered>>();

/** Return what is remembered of a text, as the one that was looked at last. */
function remembered(text: Y.Text): Remembered {
  const doc = text.doc as Y.Doc;
  const files = memories.get(doc) ?? new Map<Y.Text, Remembered>();
  memories.set(doc, files);
  const found = files.get(text) ?? {
    undo: managerOf(text),
    ranges: [],
    main: 0,
    top: null,
    below: 0,
  };
  files.delete(text);
  files.set(text, found);
  for (const [old, { undo }] of files) {
    if (files.size <= MAX_FILES) break;
    undo.destroy();
    files.delete(old);
  }
  return found;
}

export function undoManager(text: Y.Text): Y.UndoManager {
  return remembered(text).undo;
}

/** Remember where this view is, before it goes: `scrolled` so far, which it does not know when it has left the page. */
export function rememberPlace(text: Y.Text, view: EditorView, scrolled: number): void {
  const { ranges, mainIndex } = view.state.selection;
  const height = scrolled - view.documentPadding.top;
  const line = view.lineBlockAtHeight(height);
  Object.assign(remembered(text), {
    ranges: ranges.map(({ anchor, head }) => ({
      anchor: relative(text, anchor),
      head: relative(text, head),
    })),
    main: mainIndex,
    top: relative(text, line.from),
    below: line.top - height,
  });
}

/** Where somebody was in a text when they left it, now; null when they never were there. */
export function placeIn(text: Y.Text): Place | null {
  const { ranges, main, top, below } = remembered(text);
  const now = ranges.map(({ anchor, head }) =>
    EditorSelection.range(absolute(anchor, text) ?? 0, absolute(head, text) ?? 0),
  );
  if (now.length === 0) return null;
  return { selection: EditorSelection.create(now, main), top: absolute(top, text) ?? 0, below };
}
