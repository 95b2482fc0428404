/**
 * What the editor closes by itself, and when it takes a closer that is typed for one that stands there already.
 *
 * What one types is what stands there: only in code is anything closed, and each closer that the editor has put there is
 * one that the program needs, so it is typed in its turn, and taken then. In strings, comments and regular expressions
 * nothing is closed.
 */
import {
  type ChangeDesc,
  EditorSelection,
  type EditorState,
  type Extension,
  Facet,
  MapMode,
  Prec,
  StateEffect,
  StateField,
  type StateCommand,
  type TransactionSpec,
} from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { hasLexis, read } from "./lexical";

/** A longer file is not looked through while somebody types: there a closer is what it is. */
const MAX_CHARACTERS = 200_000;
const OPENERS: Record<string, string> = { "}": "{", "]": "[", ")": "(" };
const CLOSERS: Record<string, string> = { "{": "}", "[": "]", "(": ")" };
const QUOTES = "\"'`";
/** What may come behind a caret where something is closed. */
const BEFORE = /^(?:[\s)\]},;:>]|$)/;
/** A word, a quote or a backslash before a quote: it ends something, or belongs to it. */
const NO_BEGINNING = /[\p{L}\p{N}_$"'`\\]$/u;
const PYTHON_PREFIX = /(?<![\p{L}\p{N}_])(?:[bfrtu]|[bft]r|r[bft])$/iu;
const ANDROID = typeof navigator === "object" && navigator.userAgent.includes("Android");

/** Where the two halves are of what the editor has closed. */
interface Pair {
  open: number;
  close: number;
}

const closed = StateEffect.define<Pair>({ map: mapped });

function mapped({ open, close }: Pair, changes: ChangeDesc): Pair | undefined {
  const now = [open, close].map((at) => changes.mapPos(at, 1, MapMode.TrackAfter));
  return now[0] == null || now[1] == null ? undefined : { open: now[0], close: now[1] };
}

/** The pairs around the caret, the innermost last. One that the caret has left is like any other text. */
const pairs = StateField.define<readonly Pair[]>({
  create: () => [],
  update(before, transaction) {
    const moved = transaction.docChanged
      ? before.flatMap((pair) => mapped(pair, transaction.changes) ?? [])
      : before;
    const added = transaction.effects.flatMap((each) => (each.is(closed) ? [each.value] : []));
    const { head } = transaction.newSelection.main;
    return [...moved, ...added].filter(({ open, close }) => open < head && head <= close);
  },
});

const languageId = Facet.define<string, string>({ combine: (ids) => ids[0] ?? "text" });

/** Return what a character does that is typed over the selection; null when it is written, and that is all. */
export function whenTyped(state: EditorState, typed: string): TransactionSpec | null {
  const { ranges } = state.selection;
  if (ranges.length > 1 || state.readOnly || state.doc.length > MAX_CHARACTERS) return null;
  return overOwn(state, typed) ?? overCloser(state, typed) ?? closing(state, typed);
}

/** Over the closer that the editor has put there, if it is its turn. */
function overOwn(state: EditorState, typed: string): TransactionSpec | null {
  const pair = state.field(pairs, false)?.at(-1);
  const { head, empty } = state.selection.main;
  if (pair === undefined || !empty || state.sliceDoc(pair.close, pair.close + 1) !== typed)
    return null;
  const between = state.sliceDoc(head, pair.close);
  if (between !== "" && !/^\s*\n\s*$/.test(between)) return null;
  const { open } = read(state.sliceDoc(0, head), state.facet(languageId));
  if (typed in OPENERS) {
    const inside = read(state.sliceDoc(pair.open + 1, head), state.facet(languageId)).code;
    if ((open !== null && !open.isRegexp) || !isBalanced(inside)) return null;
  } else if (between !== "" || open?.from !== pair.open || open.escaped) return null;
  return taking(state, pair.close);
}

/** Put the caret behind the closer at `at`, and take away what lies between; the closer keeps its own indentation. */
function taking(state: EditorState, at: number): TransactionSpec {
  const line = state.doc.lineAt(state.selection.main.head);
  const { head } = state.selection.main;
  const isAlone = line.text.trim() === "" && at > line.to;
  const from = isAlone ? line.from : head;
  const to = isAlone ? state.doc.lineAt(at).from : at;
  return {
    ...(from < to ? { changes: { from, to } } : {}),
    selection: EditorSelection.cursor(at + 1 - (to - from)),
    scrollIntoView: true,
    userEvent: "input.closer",
  };
}

/** On a line of its own a closer is the next one, whoever put it there, as long as each bracket has its other one. */
function overCloser(state: EditorState, typed: string): TransactionSpec | null {
  const { head, empty } = state.selection.main;
  if (!(typed in OPENERS) || !empty) return null;
  const line = state.doc.lineAt(head);
  if (line.text.trim() !== "") return null;
  const closer = line.to + (/^\s*/.exec(state.sliceDoc(line.to))?.[0].length ?? 0);
  if (closer === line.to || state.sliceDoc(closer, closer + 1) !== typed) return null;
  return isBalanced(read(state.doc.toString(), state.facet(languageId)).code)
    ? taking(state, closer)
    : null;
}

/** Whether each bracket of some code has its other one. */
function isBalanced(code: string): boolean {
  const open: string[] = [];
  for (const [bracket] of code.matchAll(/[()[\]{}]/g)) {
    const opener = OPENERS[bracket];
    if (opener === undefined) open.push(bracket);
    else if (open.pop() !== opener) return false;
  }
  return open.length === 0;
}

/** Around what is selected, or before and behind the caret, where that is code. */
function closing(state: EditorState, typed: string): TransactionSpec | null {
  const closer = QUOTES.includes(typed) ? typed : CLOSERS[typed];
  const language = state.facet(languageId);
  if (closer === undefined || (typed === "`" && !/script$/.test(language))) return null;
  const { from, to, anchor, head, empty } = state.selection.main;
  if (empty && !isToClose(state, typed)) return null;
  return {
    changes: [
      { from, insert: typed },
      { from: to, insert: closer },
    ],
    effects: closed.of({ open: from, close: to + 1 }),
    selection: EditorSelection.range(anchor + 1, head + 1),
    scrollIntoView: true,
    userEvent: "input.type",
  };
}

function isToClose(state: EditorState, typed: string): boolean {
  const language = state.facet(languageId);
  const { head } = state.selection.main;
  if (!hasLexis(language) || !BEFORE.test(state.sliceDoc(head, head + 1))) return false;
  const before = state.sliceDoc(Math.max(0, head - 4), head);
  const isPrefixed = language === "python" && PYTHON_PREFIX.test(before);
  if (QUOTES.includes(typed) && NO_BEGINNING.test(before) && !isPrefixed) return false;
  return read(state.sliceDoc(0, head), language).open === null;
}

/** Backspace takes both halves of what the editor has closed and nobody has written into. */
export const deletePair: StateCommand = ({ state, dispatch }) => {
  const pair = state.field(pairs).at(-1);
  const { head, empty } = state.selection.main;
  if (pair === undefined || !empty || state.readOnly) return false;
  if (pair.open + 1 !== head || pair.close !== head) return false;
  const changes = { from: pair.open, to: pair.close + 1 };
  dispatch(state.update({ changes, scrollIntoView: true, userEvent: "delete.backward" }));
  return true;
};

const input = EditorView.inputHandler.of((view, from, to, typed) => {
  const { main } = view.state.selection;
  // Android's keyboards compose all day; what they compose is no bracket.
  const composes = ANDROID ? view.composing : view.compositionStarted;
  if (composes || typed.length !== 1 || from !== main.from || to !== main.to) return false;
  const does = whenTyped(view.state, typed);
  if (does) view.dispatch(does);
  return does !== null;
});

/** Return the extension that closes, in a file of a language. */
export function closers(language: string): Extension {
  return [
    ...[languageId.of(language), pairs, input],
    Prec.high(keymap.of([{ key: "Backspace", run: deletePair }])),
  ];
}
