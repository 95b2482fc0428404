/** CodeMirror on one file of the shared document. */
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  defaultHighlightStyle,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  type LanguageSupport,
  syntaxHighlighting,
} from "@codemirror/language";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { yCollab, ySyncAnnotation, yUndoManagerKeymap } from "y-codemirror.next";
import { preferences } from "../preferences";
import { toast } from "../toast";
import { locale, t } from "../words";
import { peerCursors } from "./cursors";
import { announceEdits } from "./edits";
import { tellPastes } from "./pastes";
import type { Room } from "./room";
import { tellTrail } from "./trail";

const colors = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.operatorKeyword],
    color: "var(--code-keyword)",
  },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.character], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)", fontStyle: "italic" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: "var(--code-function)",
  },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "var(--code-type)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const loaders: Record<string, () => Promise<LanguageSupport>> = {
  python: async () => (await import("@codemirror/lang-python")).python(),
  javascript: async () => (await import("@codemirror/lang-javascript")).javascript(),
  typescript: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true }),
  java: async () => (await import("@codemirror/lang-java")).java(),
  cpp: async () => (await import("@codemirror/lang-cpp")).cpp(),
};

const personal = new Compartment();

/** What each person chooses for themselves, and what nobody needs in the first moment: fetched beside the editor. */
async function choices(): Promise<{ keys: Extension; rest: Extension }> {
  const { keys, tabSize, wrap } = preferences.get();
  let bindings: Extension = [];
  if (keys === "vim") bindings = (await import("@replit/codemirror-vim")).vim({ status: true });
  if (keys === "emacs") bindings = (await import("@replit/codemirror-emacs")).emacs();
  const rest = [EditorState.tabSize.of(tabSize), wrap ? EditorView.lineWrapping : []];
  return { keys: bindings, rest };
}

const searching = new Compartment();

/** Searching is fetched when somebody wants to search. */
const searchOnDemand = keymap.of([
  {
    key: "Mod-f",
    run: (view) => {
      void import("@codemirror/search").then(
        ({ highlightSelectionMatches, openSearchPanel, searchKeymap }) => {
          view.dispatch({
            effects: searching.reconfigure([highlightSelectionMatches(), Prec.high(keymap.of(searchKeymap))]),
          });
          openSearchPanel(view);
        },
      );
      return true;
    },
  },
]);

/** Follow what this person prefers, now and later; return how to stop. */
function followChoices(view: EditorView): () => void {
  let latest = 0;
  const apply = () => {
    const turn = ++latest;
    void choices().then(({ keys, rest }) => {
      // Of several choices in a row the last counts, whichever was fetched first. Vim's keys are asked before ours.
      if (turn === latest) view.dispatch({ effects: personal.reconfigure([Prec.high(keys), rest]) });
    });
  };
  apply();
  const stop = preferences.subscribe(apply);
  return () => {
    latest = -1;
    stop();
  };
}

function common(label: string): Extension {
  return [
    EditorView.cspNonce.of(document.body.dataset.styleNonce ?? ""),
    lineNumbers(),
    highlightSpecialChars(),
    drawSelection(),
    syntaxHighlighting(colors),
    syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    focusable,
    personal.of([]),
    searching.of([]),
    searchOnDemand,
  ];
}

/** What a newline, pasted from Windows or an old Mac, becomes: the document has LF only. */
const lineFeeds = EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n"));

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Refuse a change that the server would refuse, before it is made: nobody is out of step, nothing is lost. */
function withinLimit(room: Room): Extension {
  return EditorState.changeFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return true;
    let inserted = 0;
    transaction.changes.iterChanges((_fromA, _toA, _fromB, _toB, text) => {
      inserted += text.length;
    });
    // Typing is not worth counting bytes for; a paste is.
    if (inserted < 1000) return true;
    const change = bytes(transaction.newDoc.toString()) - bytes(transaction.startState.doc.toString());
    if (bytes(room.everything()) + change <= room.maxTextBytes) return true;
    toast(t.files.tooMuch(room.maxTextBytes.toLocaleString(locale.get())));
    return false;
  });
}

/** What cannot be written can still be read, and scrolled, by keyboard. */
const focusable = EditorView.contentAttributes.of({ tabindex: "0" });

export interface EditorOptions {
  readOnly: boolean;
  onRun: () => void;
  onStop: () => void;
  onFormat: () => void;
  /** Where to ask a language server about this file; null when there is none. */
  asks: () => string | null;
  /** Alt+click: show the others this place. */
  onPoint: (from: number, to: number) => void;
  onPointSelection: () => void;
  /** This person types or clicks here: they go their own way. */
  onOwnMove: () => void;
}

/** Alt+click points at the word under the mouse, or else at its line. */
function pointing({ onPoint, onOwnMove }: EditorOptions): Extension {
  return EditorView.domEventHandlers({
    keydown: (event) => {
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) onOwnMove();
      return false;
    },
    mousedown: (event, view) => {
      onOwnMove();
      const at = event.altKey ? view.posAtCoords({ x: event.clientX, y: event.clientY }) : null;
      if (at === null) return false;
      const line = view.state.doc.lineAt(at);
      const { from, to } = view.state.wordAt(at) ?? line;
      onPoint(from, to);
      view.dispatch({});
      return true;
    },
  });
}

/** Open a shared file for writing (or watching) in `parent`. */
export function openEditor(
  room: Room,
  path: string,
  parent: HTMLElement,
  options: EditorOptions,
): EditorView {
  const language = new Compartment();
  const text = room.text(path);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text.toString(),
      extensions: [
        common(t.files.editor(path)),
        EditorState.lineSeparator.of("\n"),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        dropCursor(),
        rectangularSelection(),
        indentOnInput(),
        indentUnit.of(
          path.endsWith(".py") || path.endsWith(".java") || path.endsWith(".cpp") ? "    " : "  ",
        ),
        bracketMatching(),
        completing.of([]),
        escapeThenTab,
        lineFeeds,
        withinLimit(room),
        keymap.of([
          { key: "Mod-Enter", run: handled(options.onRun) },
          { key: "Mod-.", run: handled(options.onStop) },
          { key: "Mod-Shift-f", run: handled(options.onFormat) },
          { key: "Alt-p", run: handled(options.onPointSelection) },
          ...yUndoManagerKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        yCollab(text, null),
        marking.of([]),
        peerCursors(path, text, room.awareness),
        pointing(options),
        tellPastes(room, path),
        tellTrail(room, path),
        announceEdits(room),
        writing.of(mayWrite(!options.readOnly)),
        language.of([]),
      ],
    }),
  });
  const languageId = room.files.get(path)?.language ?? "";
  void highlight(view, language, languageId);
  // What nobody needs for the first letter comes after it.
  void Promise.all([import("./completion"), import("./diagnostics"), import("./assist")]).then(
    ([{ completions }, { showDiagnostics }, { knownNames, knownPlaces, readAhead }]) => {
      if (!view.dom.isConnected) return;
      const { asks } = options;
      readAhead(asks, path, view.state);
      const effects = [
        completing.reconfigure([completions(languageId, knownNames(asks, path)), knownPlaces(asks, path)]),
        marking.reconfigure(showDiagnostics(room, path)),
      ];
      view.dispatch({ effects });
    },
  );
  return leaving(view, followChoices(view));
}

/** Have something end with a view. */
function leaving(view: EditorView, end: () => void): EditorView {
  const destroy = view.destroy.bind(view);
  view.destroy = () => {
    end();
    destroy();
  };
  return view;
}

const completing = new Compartment();
const marking = new Compartment();
const writing = new Compartment();

function mayWrite(yes: boolean): Extension {
  return [EditorState.readOnly.of(!yes), EditorView.editable.of(yes)];
}

/** Let somebody write, or only read, from now on: scroll, selection and history stay. */
export function setReadOnly(view: EditorView, readOnly: boolean): void {
  view.dispatch({ effects: writing.reconfigure(mayWrite(!readOnly)) });
}

/** Whatever else Escape does here (close a list, say), Tab leaves the editor in the two seconds after it. */
const escapeThenTab = Prec.highest(
  EditorView.domEventHandlers({
    keydown: (event, view) => {
      if (event.key === "Escape") view.setTabFocusMode(2000);
      return false;
    },
  }),
);

/** Run a command and keep its key from doing anything else. */
function handled(action: () => void): () => boolean {
  return () => {
    action();
    return true;
  };
}

/** Show text that nobody changes any more. */
export function openViewer(path: string, text: string, languageId: string, parent: HTMLElement): EditorView {
  const language = new Compartment();
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        common(t.files.viewer(path)),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        language.of([]),
      ],
    }),
  });
  void highlight(view, language, languageId);
  return leaving(view, followChoices(view));
}

async function highlight(view: EditorView, compartment: Compartment, languageId: string): Promise<void> {
  const support = await loaders[languageId]?.();
  if (support) view.dispatch({ effects: compartment.reconfigure(support) });
}
