/** Vim's keys. Its undo is the session's, a step for each command and each time of inserting. */
import "../styles/vim.css";
import { closeCompletion } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { type EditorView, ViewPlugin } from "@codemirror/view";
import { CodeMirror, getCM, Vim, vim } from "@replit/codemirror-vim";
import { endStep, redo, stepsByKeys, undo } from "./undo";

type Adapter = { cm6: EditorView };
const { commands } = CodeMirror as unknown as { commands: Record<string, (cm: Adapter) => void> };

/** How many steps each undo took back, a counted one (3u) several: Ctrl-R makes as many again. */
const taken: number[] = [];
let now = 0;

commands.undo = ({ cm6 }) => {
  if (now++ === 0)
    queueMicrotask(() => {
      taken.push(now);
      now = 0;
    });
  undo(cm6);
};
commands.redo = ({ cm6 }) => {
  for (let left = taken.pop() ?? 1; left > 0; left--) redo(cm6);
};
Vim.defineEx("undo", "u", commands.undo);
Vim.defineEx("redo", "red", commands.redo);

const steps = ViewPlugin.define((view) => {
  const cm = getCM(view);
  const onMode = ({ mode }: { mode: string }) => {
    if (mode !== "normal") return;
    closeCompletion(view); // its Escape is not the list's: what comes next are commands
    endStep(view);
  };
  const onCommand = () => {
    if (!cm?.state.vim?.insertMode) endStep(view);
  };
  cm?.on("vim-mode-change", onMode);
  cm?.on("vim-command-done", onCommand);
  return {
    destroy: () => {
      cm?.off("vim-mode-change", onMode);
      cm?.off("vim-command-done", onCommand);
    },
  };
});

export function vimKeys(): Extension {
  return [vim({ status: true }), stepsByKeys.of(true), steps];
}
