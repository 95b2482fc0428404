/** When the editor takes what its list of completions offers. Enter ends the line: one types without looking at the list. */
import {
  acceptCompletion,
  closeCompletion,
  completionStatus,
  moveCompletionSelection,
  selectedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { type Extension, Prec, StateEffect, StateField } from "@codemirror/state";
import { type Command, type EditorView, keymap } from "@codemirror/view";

/** Fewer letters are as often a name of their own as the beginning of another. */
const LEAST = 3;
const BEFORE_CARET = /[\p{Alphabetic}\p{Number}_$]*$/u;

export interface Offer {
  /** The word before the caret, as far as it is typed. */
  typed: string;
  /** What would stand there instead; null when it is more than a word. */
  offered: string | null;
  /** Whether this person chose it, with an arrow. */
  chosen: boolean;
  /** Whether everybody who was asked for names has answered. */
  settled: boolean;
}

/** Whether Enter takes what is offered; if not, it is a new line, as everywhere. */
export function enterTakes({ typed, offered, chosen, settled }: Offer): boolean {
  if (offered === typed) return false;
  if (chosen) return true;
  if (!settled || offered === null || typed.length < LEAST || !offered.startsWith(typed))
    return false;
  // `length` is a word of `lengthOfList` and may be meant: only the rest of a word completes one.
  const begins = offered.slice(typed.length);
  return /^\p{Ll}/u.test(begins) || (/\p{Lu}$/u.test(typed) && /^\p{Lu}/u.test(begins));
}

const choose = StateEffect.define();

/** Whether an arrow was pressed in the list as it is. */
const chosen = StateField.define({
  create: () => false,
  update: (before, transaction) => {
    if (transaction.effects.some((effect) => effect.is(choose))) return true;
    return before && !transaction.docChanged && completionStatus(transaction.state) !== null;
  },
});

function moving(forward: boolean, by: "option" | "page" = "option"): Command {
  const move = moveCompletionSelection(forward, by);
  return (view) => {
    if (!move(view)) return false;
    view.dispatch({ effects: choose.of(null) });
    return true;
  };
}

function offerIn({ state }: EditorView): Offer | null {
  const option = selectedCompletion(state);
  if (option === null) return null;
  const { head } = state.selection.main;
  const typed = BEFORE_CARET.exec(state.sliceDoc(state.doc.lineAt(head).from, head))?.[0] ?? "";
  const { apply = option.label } = option;
  return {
    typed,
    offered: typeof apply === "string" ? apply : null,
    chosen: state.field(chosen),
    settled: completionStatus(state) === "active",
  };
}

/** A key that is not meant for the list closes it, and does what it does. */
function enter(view: EditorView): boolean {
  const offer = offerIn(view);
  if (offer !== null && enterTakes(offer)) return acceptCompletion(view);
  closeCompletion(view);
  return false;
}

export const acceptanceKeys: Extension = [
  chosen,
  Prec.highest(
    keymap.of([
      { key: "Ctrl-Space", run: startCompletion },
      { mac: "Alt-`", run: startCompletion },
      { key: "Escape", run: closeCompletion },
      { key: "ArrowDown", run: moving(true) },
      { key: "ArrowUp", run: moving(false) },
      { key: "PageDown", run: moving(true, "page") },
      { key: "PageUp", run: moving(false, "page") },
      { key: "Enter", run: enter },
      { key: "Tab", run: acceptCompletion },
    ]),
  ),
];
