/** What a language server knows: names that fit, and what is under the mouse or the caret. Fetched beside the editor. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { type EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { type EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import { announce } from "../announcer";
import { api } from "../api";
import { t } from "../words";

/** Larger files are not worth the time: the server would refuse them. */
const MAX_CHARACTERS = 100_000;
/** After these a name of something's parts follows: not after the colon that ends a line, nor within a number or `...`. */
const BEFORE_MEMBER = /(?:(?<![.\d])\.|(?<=[\p{Alphabetic}_$][\p{Number}]*)\.|->|::)$/u;
/** As much before the caret says whether that is so. */
const MEMBER_CHARACTERS = 20;
const HOVER_MS = 400;

/** The session to ask in, as long as there is a server for the file's language and this person may ask it. */
export type Asks = () => string | null;

async function ask(
  asks: Asks,
  path: () => string,
  state: EditorState,
  at: number,
  want: "completion" | "hover",
) {
  const sessionId = asks();
  if (sessionId === null || state.doc.length > MAX_CHARACTERS) return null;
  const line = state.doc.lineAt(at);
  const place = { line: line.number - 1, character: at - line.from };
  try {
    return await api.assist(sessionId, {
      path: path(),
      text: state.doc.toString(),
      want,
      ...place,
    });
  } catch {
    return null; // busy or away: the words of the file are still offered
  }
}

/** Return the source of completions that asks the server. */
export function knownNames(asks: Asks, path: () => string) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w$]*/);
    const from = word?.from ?? context.pos;
    const member = BEFORE_MEMBER.test(
      context.state.sliceDoc(Math.max(0, from - MEMBER_CHARACTERS), from),
    );
    if (from === context.pos && !member && !context.explicit) return null;
    const answer = await ask(asks, path, context.state, context.pos, "completion");
    if (answer === null || context.aborted || answer.items.length === 0) return null;
    const options = answer.items.map((item, index): Completion => {
      const { label, insert, kind, detail } = item;
      return { label, apply: insert, type: kind, detail, boost: Math.max(1, 50 - index) };
    });
    return { from, options, ...(answer.is_whole ? { validFor: /^[\w$]*$/ } : {}) };
  };
}

function card(text: string): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "known";
  dom.tabIndex = 0; // it scrolls
  dom.textContent = text;
  return dom;
}

const showKnown = StateEffect.define<Tooltip | null>();
const known = StateField.define<Tooltip | null>({
  create: () => null,
  update: (shown, transaction) => {
    for (const effect of transaction.effects) if (effect.is(showKnown)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

/** Return the extension that says what is under the mouse, and at the caret on a key. */
export function knownPlaces(asks: Asks, path: () => string): Extension {
  const atCaret = (view: EditorView) => {
    const at = view.state.selection.main.head;
    void ask(asks, path, view.state, at, "hover").then((answer) => {
      if (!view.dom.isConnected || view.state.selection.main.head !== at) return;
      const text = answer?.hover ?? t.files.nothingKnown;
      announce(text);
      view.dispatch({
        effects: showKnown.of({ pos: at, above: true, create: () => ({ dom: card(text) }) }),
      });
    });
    return true;
  };
  return [
    known,
    hoverTooltip(
      async (view, pos) => {
        const word = view.state.wordAt(pos);
        if (word === null) return null;
        const text = (await ask(asks, path, view.state, pos, "hover"))?.hover;
        return text
          ? { pos: word.from, end: word.to, above: true, create: () => ({ dom: card(text) }) }
          : null;
      },
      { hoverTime: HOVER_MS, hideOnChange: true },
    ),
    keymap.of([
      { key: "Alt-i", mac: "Ctrl-Alt-i", run: atCaret },
      {
        key: "Escape",
        run: (view) => {
          if (view.state.field(known) === null) return false;
          view.dispatch({ effects: showKnown.of(null) });
          return true;
        },
      },
    ]),
  ];
}

/** Have the server begin to read the file before somebody asks. */
export function readAhead(asks: Asks, path: () => string, state: EditorState): void {
  void ask(asks, path, state, 0, "hover");
}
