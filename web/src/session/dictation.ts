/**
 * What comes into the terminal without a key: emoji pickers, dictation, a phone's suggestions.
 *
 * xterm.js takes it only while its screen reader mode is off, lest it takes a key's letter twice; ours is on for everybody.
 */
import type { Terminal } from "@xterm/xterm";

/** What an input event is to a program; null when it is nothing, or a key's or a composition's, which xterm.js takes. */
export function dictated(
  { inputType, data, isComposing }: InputEvent,
  byKey: boolean,
): string | null {
  if (byKey || isComposing) return null;
  if (inputType === "insertLineBreak" || inputType === "insertParagraph") return "\r";
  if (inputType === "deleteContentBackward") return "\x7f";
  return inputType === "insertText" && data ? data.replace(/\r\n?|\n/g, "\r") : null;
}

/** Take it; return how to stop. */
export function takeDictation(terminal: Terminal): () => void {
  const { textarea } = terminal;
  if (textarea === undefined) return () => undefined;
  const stop = new AbortController();
  let byKey = false;
  const listen = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    hear: (event: HTMLElementEventMap[Name]) => void,
  ) => textarea.addEventListener(name, hear, { capture: true, signal: stop.signal });
  listen("keydown", () => {
    byKey = true;
  });
  for (const name of ["keyup", "blur"] as const)
    listen(name, () => {
      byKey = false;
    });
  listen("input", (event) => {
    const text = dictated(event as InputEvent, byKey);
    if (text !== null) terminal.input(text);
  });
  return () => stop.abort();
}
