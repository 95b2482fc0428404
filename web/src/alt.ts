/** Alt with another key. On a Mac Alt writes: `|` on a Spanish keyboard, `@` on a German one; there Control goes with it. */
import { onMac } from "./keys";

/** What it is called. */
export const ALT = onMac ? "⌃ ⌥" : "Alt";

/** Whether it is held, and nothing else. */
export function isAlt({ altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return altKey && ctrlKey === onMac && !metaKey && !shiftKey;
}
