/** What happens elsewhere on the screen, told to screen readers in turn, politely. */
import { Observable, useValue } from "./observable";

const current = new Observable("");
const APART_MS = 1500;
/** What was said is not there to be read for ever; and the same sentence is news again. */
const LASTS_MS = 10_000;
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let end: ReturnType<typeof setTimeout> | undefined;

/** Say something once nothing else has been said for a moment; a second edit of the same kind replaces the first. */
export function announce(text: string): void {
  if (waiting.at(-1) === text) return;
  waiting = [...waiting.slice(-3), text];
  timer ??= setTimeout(next, 0);
}

function next(): void {
  current.set(waiting.shift() ?? "");
  clearTimeout(end);
  end = setTimeout(() => current.set(""), LASTS_MS);
  timer = waiting.length > 0 ? setTimeout(next, APART_MS) : undefined;
}

export function Announcer() {
  const text = useValue(current);
  return (
    <div class="for-readers" role="status">
      {text}
    </div>
  );
}
