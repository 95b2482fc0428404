/** CodeMirror on one file of the shared document. */
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  defaultHighlightStyle,
  HighlightStyle,
  indentOnInput,
  indentUnit,
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
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type * as Y from "yjs";
import { ySync, ySyncAnnotation, YSyncConfig, ySyncFacet } from "y-codemirror.next";
import { fetched } from "../parts";
import { preferences } from "../preferences";
import { toast } from "../toast";
import { region, t } from "../words";
import { bytesOf } from "./allowance";
import { mending } from "./binding";
import { wholeCharacters } from "./characters";
import { peerCursors } from "./cursors";
import { takeDrops } from "./drops";
import type { EditorOptions } from "./editor-options";
import { announceEdits } from "./edits";
import { caretInView } from "./in-view";
import { languageSupport } from "./languages";
import { placeIn, rememberPlace, undoManager } from "./memory";
import { tellPastes } from "./pastes";
import type { Room } from "./room";
import { searching } from "./searching";
import { tellTrail } from "./trail";
import { undoing } from "./undo";
import { writable } from "./writing";

const colors = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.operatorKeyword],
    color: "var(--code-keyword)",
  },
  {
    tag: [tags.string, tags.special(tags.string), tags.regexp, tags.character],
    color: "var(--code-string)",
  },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)", fontStyle: "italic" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: "var(--code-function)",
  },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "var(--code-type)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const personal = new Compartment();

/** What each person chooses for themselves, and what nobody needs in the first moment: fetched beside the editor. */
async function choices(): Promise<{ keys: Extension; rest: Extension }> {
  const { keys, tabSize, wrap } = preferences.get();
  let bindings: Extension = [];
  if (keys === "vim") bindings = (await fetched(() => import("./vim"))).vimKeys();
  if (keys === "emacs") bindings = (await fetched(() => import("./emacs"))).emacsKeys();
  const rest = [EditorState.tabSize.of(tabSize), wrap ? EditorView.lineWrapping : []];
  return { keys: bindings, rest };
}

/** Follow what this person prefers, now and later; return how to stop. */
function followChoices(view: EditorView): () => void {
  let latest = 0;
  const apply = () => {
    const turn = ++latest;
    void choices().then(({ keys, rest }) => {
      // Of several choices in a row the last counts, whichever was fetched first. Vim's keys are asked before ours.
      if (turn === latest)
        view.dispatch({ effects: personal.reconfigure([Prec.high(keys), rest]) });
    });
  };
  apply();
  const stop = preferences.subscribe(apply);
  return () => {
    latest = -1;
    stop();
  };
}

/** Browsers, and what people add to them, leave code as it is written. */
const NO_HELPERS = {
  spellcheck: "false",
  autocapitalize: "off",
  "data-gramm": "false", // Grammarly
  "data-lt-active": "false", // LanguageTool
};

function common(): Extension {
  return [
    EditorView.cspNonce.of(document.body.dataset.styleNonce ?? ""),
    lineNumbers(),
    drawSelection(),
    syntaxHighlighting(colors),
    syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
    EditorView.contentAttributes.of(NO_HELPERS),
    focusable,
    personal.of([]),
    searching(),
  ];
}

/** What a newline, pasted from Windows or an old Mac, becomes: the document has LF only. */
const lineFeeds = EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n"));

/** Refuse a change that the server would refuse, before it is made: nobody is out of step, nothing is lost. */
function withinLimit({ allowance }: Room): Extension {
  return EditorState.changeFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return true;
    let grown = 0;
    transaction.changes.iterChanges((fromA, toA, _fromB, _toB, text) => {
      grown += bytesOf(text.toString()) - bytesOf(transaction.startState.sliceDoc(fromA, toA));
    });
    if (allowance.admits(grown)) return true;
    toast(t.files.tooMuch(allowance.max.toLocaleString(region())));
    return false;
  });
}

/** What cannot be written can still be read, and scrolled, by keyboard. */
const focusable = EditorView.contentAttributes.of({ tabindex: "0" });

/** Whoever types or clicks here goes their own way. */
function goingOwnWay(onOwnMove: () => void): Extension {
  return EditorView.domEventHandlers({
    keydown: (event) => {
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) onOwnMove();
      return false;
    },
    mousedown: () => {
      onOwnMove();
      return false;
    },
  });
}

/** Open a shared text for writing (or watching) in `parent`. Whatever it is called later, the editor stays. */
export function openEditor(
  room: Room,
  name: string,
  parent: HTMLElement,
  options: EditorOptions,
): EditorView {
  const text = room.files.text(name);
  const place = placeIn(text);
  const view = new EditorView({
    parent,
    ...(place
      ? { scrollTo: EditorView.scrollIntoView(place.top, { y: "start", yMargin: place.below }) }
      : {}),
    state: EditorState.create({
      doc: text.toString(),
      ...(place ? { selection: place.selection } : {}),
      extensions: [
        common(),
        EditorState.lineSeparator.of("\n"),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        dropCursor(),
        caretInView,
        indentOnInput(),
        bracketMatching(),
        completing.of([]),
        escapeThenTab,
        lineFeeds,
        withinLimit(room),
        keymap.of([
          { key: "Mod-Enter", run: handled(options.onRun) },
          { key: "Mod-.", run: handled(options.onStop) },
          { key: "Mod-Shift-f", run: handled(options.onFormat) },
          { key: "Alt-p", mac: "Ctrl-Alt-p", run: handled(options.onPointSelection) },
          ...defaultKeymap,
          indentWithTab,
        ]),
        wholeCharacters,
        undoing(undoManager(text)),
        mending(text, bound(text), () => toast(t.status.mended)),
        marking.of([]),
        peerCursors(text, room.awareness),
        announceEdits(room),
        goingOwnWay(options.onOwnMove),
        tellPastes(room, name),
        takeDrops(room, name),
        tellTrail(room, name),
        writable(!options.readOnly),
        naming.of([]),
        language.of([]),
      ],
    }),
  });
  const ends = [followName(room, name, view, options), followChoices(view)];
  let scrolled = 0;
  view.scrollDOM.addEventListener("scroll", () => (scrolled = view.scrollDOM.scrollTop), {
    passive: true,
  });
  return leaving(view, () => {
    rememberPlace(text, view, scrolled);
    for (const end of ends) end();
  });
}

/** As `yCollab` has it, without what we do otherwise: carets, and undoing. */
function bound(text: Y.Text): Extension {
  return [ySyncFacet.of(new YSyncConfig(text, null)), ySync];
}

/** What depends on how a file is called: said when it opens, and again when it is renamed. */
function followName(
  room: Room,
  name: string,
  view: EditorView,
  options: EditorOptions,
): () => void {
  let known: string | null = null;
  const path = () => room.files.pathOf(name);
  const apply = () => {
    if (known === path()) return;
    known = path();
    const languageId = room.files.language(known);
    view.dispatch({ effects: naming.reconfigure(called(t.files.editor(known), known)) });
    void highlight(view, languageId);
    // What nobody needs for the first letter comes after it.
    const beside = () =>
      Promise.all([
        import("./second"),
        ...[import("./uploads"), import("./formatting"), import("./name-field")], // here before they are wanted: that may be without a network
      ]);
    void fetched(beside).then(([{ second }]) => {
      if (!view.dom.isConnected || known !== path()) return;
      const { offers, marks } = second(room, name, view, options);
      view.dispatch({ effects: [completing.reconfigure(offers), marking.reconfigure(marks)] });
    });
  };
  apply();
  return room.files.listed.subscribe(apply);
}

function called(label: string, path: string): Extension {
  return [
    EditorView.contentAttributes.of({ "aria-label": label }),
    indentUnit.of(/\.(?:py|java|cpp)$/.test(path) ? "    " : "  "),
  ];
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

const language = new Compartment();
const naming = new Compartment();
const completing = new Compartment();
const marking = new Compartment();

/**
 * Whatever else Escape does here (close a list, say), Tab leaves the editor after it, however long one waits: CodeMirror gives
 * two seconds. Another key, the mouse or another field end that.
 */
const FOR_LONG_MS = 86_400_000;
const escaped = new WeakSet<EditorView>();
const stays = (_event: Event, view: EditorView) => {
  if (escaped.delete(view)) view.setTabFocusMode(false);
};
const escapeThenTab = EditorView.domEventObservers({
  keydown: ({ key }, view) => {
    if (!["Escape", "Tab", "Shift"].includes(key)) escaped.delete(view);
  },
  keyup: ({ key }, view) => {
    if (key !== "Escape") return;
    escaped.add(view);
    view.setTabFocusMode(FOR_LONG_MS);
  },
  mousedown: stays,
  blur: stays,
});

/** Run a command and keep its key from doing anything else. */
function handled(action: () => void): () => boolean {
  return () => {
    action();
    return true;
  };
}

/** Show text that nobody changes any more. */
export function openViewer(
  path: string,
  text: string,
  languageId: string,
  parent: HTMLElement,
): EditorView {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        common(),
        highlightSpecialChars(), // where one writes `spaces.ts` shows them: drawn twice, they keep what was said first
        called(t.files.viewer(path), path),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        language.of([]),
      ],
    }),
  });
  void highlight(view, languageId);
  return leaving(view, followChoices(view));
}

async function highlight(view: EditorView, languageId: string): Promise<void> {
  const support = await fetched(() => languageSupport(languageId));
  if (support) view.dispatch({ effects: language.reconfigure(support) });
}
