/**
 * Undo of one's own changes to one file, in steps as people think of them, with the caret put back where it was.
 *
 * y-codemirror.next has a plugin for this that forgets with its view; this one works on a manager that outlives it
 * (`memory.ts`), and asks the keys in use what a step is.
 */
import {
  EditorSelection,
  type Extension,
  Facet,
  type SelectionRange,
  type Text,
} from "@codemirror/state";
import { EditorView, keymap, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { YSyncConfig, ySyncAnnotation, ySyncFacet } from "y-codemirror.next";
import * as Y from "yjs";
import { absolute, relative } from "./follow";

/** Who stops typing for so long begins a new step. */
const PAUSE_MS = 500;
/** The oldest step is forgotten beyond these. */
const MAX_STEPS = 1000;
/** What is done at a stroke is undone at a stroke. */
const STROKES = [
  ...["input.paste", "input.drop", "input.complete", "input.suggestion", "input.format"],
  ...["input.closer", "delete.cut", "move"],
];

type StackEvent = { stackItem: Y.UndoManager["undoStack"][number] };
type Range = { anchor: unknown; head: unknown };
type Reach = { from: number; to: number };

/** Keys that say themselves where a step ends, as Vim's do, provide true. */
export const stepsByKeys = Facet.define<boolean, boolean>({
  combine: (values) => values.includes(true),
});

/** A manager of what this browser does to a text, whichever view does it. */
export function managerOf(text: Y.Text): Y.UndoManager {
  const manager = new Y.UndoManager(text, {
    trackedOrigins: new Set([null, YSyncConfig]),
    captureTimeout: Number.POSITIVE_INFINITY, // we say where a step ends
  });
  manager.on("stack-item-added", () => {
    if (manager.undoStack.length > MAX_STEPS) manager.undoStack.shift();
  });
  return manager;
}

/** From where to where a text is another one now. */
export function reach(delta: Y.YTextEvent["delta"]): Reach {
  let at = 0;
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const { retain = 0, insert } of delta) {
    if (retain === 0) from = Math.min(from, at);
    at += retain + (typeof insert === "string" ? insert.length : 0);
    if (retain === 0) to = at;
  }
  return { from: Math.min(from, to), to };
}

/** Where the caret goes: back where it was when that is on the lines that changed, else to the end of what changed. */
export function atChange(
  doc: Text,
  before: SelectionRange | null,
  changed: Reach,
): { anchor: number; head: number } {
  const [from, to] = [doc.lineAt(changed.from).from, doc.lineAt(changed.to).to];
  if (before !== null && before.from <= to && before.to >= from) return before;
  return { anchor: changed.to, head: changed.to };
}

class Steps {
  /** Where the caret was before the change that is being made. */
  #before: Range | null = null;
  #lastChange = 0;
  #wasStroke = false;
  #changed: Reach = { from: 0, to: 0 };
  readonly #observed: Y.Text;

  constructor(
    readonly view: EditorView,
    readonly manager: Y.UndoManager,
  ) {
    manager.stopCapturing();
    manager.on("stack-item-added", this.#onAdded);
    manager.on("stack-item-popped", this.#onPopped);
    this.#observed = this.#text;
    this.#observed.observe(this.#onChanged);
  }

  /** Called before the change reaches the shared text: what comes after `y-codemirror.next` is too late. */
  update(update: ViewUpdate): void {
    const ours = update.transactions.filter(
      (each) => each.docChanged && !each.annotation(ySyncAnnotation),
    );
    if (ours.length === 0) return;
    const isStroke = ours.some((each) => STROKES.some((event) => each.isUserEvent(event)));
    const now = Date.now();
    const paused = now - this.#lastChange >= PAUSE_MS && !update.state.facet(stepsByKeys);
    if (isStroke || this.#wasStroke || paused) this.manager.stopCapturing();
    this.#lastChange = now;
    this.#wasStroke = isStroke;
    this.#remember(update.startState.selection.main);
  }

  destroy(): void {
    this.manager.stopCapturing();
    this.manager.off("stack-item-added", this.#onAdded);
    this.manager.off("stack-item-popped", this.#onPopped);
    this.#observed.unobserve(this.#onChanged);
  }

  goBack(): void {
    if (this.view.state.readOnly) return;
    this.#remember(this.view.state.selection.main);
    this.manager.stopCapturing();
    this.manager.undo();
  }

  goForth(): void {
    if (this.view.state.readOnly) return;
    this.#remember(this.view.state.selection.main);
    this.manager.stopCapturing();
    this.manager.redo();
  }

  get #text(): Y.Text {
    return this.view.state.facet(ySyncFacet).ytext;
  }

  #remember({ anchor, head }: { anchor: number; head: number }): void {
    this.#before = { anchor: relative(this.#text, anchor), head: relative(this.#text, head) };
  }

  #onAdded = ({ stackItem }: StackEvent): void => {
    if (this.#before !== null && !stackItem.meta.has(Steps))
      stackItem.meta.set(Steps, this.#before);
  };

  #onPopped = ({ stackItem }: StackEvent): void => {
    const before = stackItem.meta.get(Steps) as Range | undefined;
    const anchor = absolute(before?.anchor, this.#text);
    const head = absolute(before?.head, this.#text);
    const { state } = this.view;
    const then = anchor === null || head === null ? null : EditorSelection.range(anchor, head);
    const { anchor: from, head: to } = atChange(state.doc, then, this.#changed);
    // Vim would take a selection for one that is to be made.
    const selection = state.facet(stepsByKeys)
      ? EditorSelection.single(Math.min(from, to))
      : EditorSelection.single(from, to);
    this.view.dispatch({ selection, scrollIntoView: true });
  };

  #onChanged = ({ delta }: Y.YTextEvent): void => {
    this.#changed = reach(delta);
  };
}

const manager = Facet.define<Y.UndoManager, Y.UndoManager>({
  combine: (values) => values[0] as Y.UndoManager,
});
const steps = ViewPlugin.define((view) => new Steps(view, view.state.facet(manager)));

/** Undo the last step of this person. There may be none: the key does nothing else then. */
export function undo(view: EditorView): boolean {
  view.plugin(steps)?.goBack();
  return true;
}

export function redo(view: EditorView): boolean {
  view.plugin(steps)?.goForth();
  return true;
}

/** End the step: what comes is undone apart from what was. */
export function endStep(view: EditorView): void {
  view.plugin(steps)?.manager.stopCapturing();
}

/** Return the extension; it must stand before `yCollab`. */
export function undoing(undoManager: Y.UndoManager): Extension {
  return [
    manager.of(undoManager),
    steps,
    keymap.of([
      { key: "Mod-z", run: undo, preventDefault: true },
      { key: "Mod-y", mac: "Mod-Shift-z", run: redo, preventDefault: true },
      { key: "Mod-Shift-z", run: redo, preventDefault: true },
    ]),
    EditorView.domEventHandlers({
      beforeinput: ({ inputType }, view) => {
        if (inputType === "historyUndo") return undo(view);
        return inputType === "historyRedo" && redo(view);
      },
    }),
  ];
}
