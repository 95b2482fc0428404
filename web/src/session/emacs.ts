/** Emacs' keys. Their undo is the session's; what the package binds and does not have does what the key does elsewhere. */
import { insertNewlineAndIndent } from "@codemirror/commands";
import { type Extension, Prec } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { EmacsHandler, emacs } from "@replit/codemirror-emacs";
import { endStep, redo, undo } from "./undo";

EmacsHandler.bindKey("C-/|C-x u|S-C--|C-z", undo);
EmacsHandler.bindKey("S-C-/|S-C-x u|S-C-z", redo);
EmacsHandler.bindKey("C-m", insertNewlineAndIndent);
// Return goes on to the list of completions; on some keyboards C-_ is told from C-- by its letter only; M-x has nothing behind it.
EmacsHandler.bindKey("Return|C--|M-x", undefined);

interface Handler {
  view: EditorView;
  $data: { lastCommand: string | null };
}
const { yankRotate } = EmacsHandler.commands;
EmacsHandler.addCommands({
  /** A letter after a count: C-u x. */
  insertstring: ({ view }: Handler, text: string) =>
    view.dispatch(view.state.replaceSelection(text)),
  yankRotate: {
    ...yankRotate,
    exec: (handler: Handler) => {
      if (handler.$data.lastCommand === "yank") undo(handler.view);
      yankRotate.exec(handler);
    },
  },
});
const run = EmacsHandler.execCommand;
EmacsHandler.execCommand = (command: unknown, handler, ...rest) => {
  endStep(handler.view);
  // The package names this one command where it means its body.
  return run(
    command === "insertstring" ? EmacsHandler.commands.insertstring : command,
    handler,
    ...rest,
  );
};

export function emacsKeys(): Extension {
  return [emacs(), Prec.highest(keymap.of([{ key: "Ctrl-_", run: undo }]))];
}
