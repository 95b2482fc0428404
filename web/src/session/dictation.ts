/**
 * What comes into the terminal without a key that says which: input methods, a phone's keyboard, dictation, emoji pickers.
 *
 * xterm.js looks for it in its text area a moment later, and then takes a letter twice or not at all
 * (xtermjs/xterm.js#5438, #4173); in screen reader mode, which is ours for everybody, some of it never. So it finds nothing
 * there, and what became of the text area's text is told from here, at once.
 */
import type { Terminal } from "@xterm/xterm";

/** What a keyboard says that does not say which key it was (https://w3c.github.io/uievents/#determine-keydown-keyup-keyCode). */
const NO_KEY = 229;
const TYPED = new Set([
  "insertText",
  "insertReplacementText",
  "insertLineBreak",
  "insertParagraph",
  "insertCompositionText",
  "deleteContentBackward",
  "deleteWordBackward",
]);
const DELETE = "\x7f";

/** What a program is told of a text that became another one: so many letters taken back, and these written. */
export function typed(before: string, after: string): string {
  const [old, now] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same++;
  let end = 0;
  const left = Math.min(old.length, now.length) - same;
  while (end < left && old.at(-1 - end) === now.at(-1 - end)) end++;
  const written = now.slice(same, now.length - end).join("");
  return DELETE.repeat(old.length - end - same) + written.replace(/\r\n?|\n/g, "\r");
}

/** Take it; return how to stop. */
export function takeDictation({ textarea, element }: Terminal, tell: (text: string) => void) {
  if (textarea === undefined || element === undefined) return () => undefined;
  const stop = new AbortController();
  let byKey = false;
  let before = "";
  const text = textOf(textarea);
  const tellChange = () => {
    const change = typed(before, text());
    before = text();
    if (change !== "") tell(change);
  };
  // Around the text area, to be there before xterm.js.
  const listen = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    hear: (event: HTMLElementEventMap[Name]) => void,
  ) => element.addEventListener(name, hear, { capture: true, signal: stop.signal });
  listen("keydown", ({ keyCode }) => {
    byKey = keyCode !== NO_KEY;
  });
  for (const name of ["keyup", "blur"] as const)
    listen(name, () => {
      byKey = false;
    });
  listen("compositionstart", () => {
    before = text();
  });
  listen("compositionend", tellChange);
  listen("beforeinput", ({ isComposing }) => {
    if (!isComposing) before = text();
  });
  listen("input", (event) => {
    const { inputType, isComposing } = event as InputEvent;
    if (!byKey && !isComposing && TYPED.has(inputType)) tellChange();
  });
  return () => stop.abort();
}

/** Give a way to read a text area, and let nobody else find anything in it. */
function textOf(textarea: HTMLTextAreaElement): () => string {
  const { get, set } = Object.getOwnPropertyDescriptor(
    HTMLTextAreaElement.prototype,
    "value",
  ) as Required<PropertyDescriptor>;
  Object.defineProperty(textarea, "value", { get: () => "", set });
  return get.bind(textarea) as () => string;
}
