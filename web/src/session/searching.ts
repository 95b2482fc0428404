/** Searching in a file, and going to a line: fetched when somebody wants to. */
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import { type Command, type EditorView, keymap } from "@codemirror/view";
import { fetched } from "../parts";
import { t } from "../words";

const search = async () => {
  const [found] = await Promise.all([import("@codemirror/search"), import("../styles/search.css")]);
  return found;
};
const fetching = new Compartment();

/** Have the keys that came with the fetched part from now on, and do what was wanted. */
async function begin(view: EditorView, wanted: "openSearchPanel" | "gotoLine"): Promise<void> {
  const found = await fetched(search);
  if (!view.dom.isConnected) return;
  const open: Command = (opened) => found.openSearchPanel(opened) && titled(opened);
  const keys = found.searchKeymap.map((each) =>
    each.run === found.openSearchPanel ? { ...each, run: open } : each,
  );
  const extensions = [
    found.search({ top: true }),
    found.highlightSelectionMatches(),
    Prec.high(keymap.of(keys)),
  ];
  view.dispatch({ effects: fetching.reconfigure(extensions) });
  (wanted === "gotoLine" ? found.gotoLine : open)(view);
}

/** What is drawn as a sign says its word to the mouse too; a screen reader has it already. */
function titled(view: EditorView): boolean {
  for (const each of view.dom.querySelectorAll<HTMLElement>(".cm-search button, .cm-search label"))
    each.title = each.getAttribute("aria-label") ?? each.textContent;
  return true;
}

export function searching(): Extension {
  const on = (key: string, wanted: "openSearchPanel" | "gotoLine") => ({
    key,
    run: (view: EditorView) => {
      void begin(view, wanted);
      return true;
    },
  });
  return [
    EditorState.phrases.of(t.phrases),
    fetching.of(keymap.of([on("Mod-f", "openSearchPanel"), on("Mod-Alt-g", "gotoLine")])),
  ];
}
