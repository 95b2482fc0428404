/**
 * When what has the keyboard goes away, what it stood in has it: a form that closes, a row that is removed. Who knows
 * better gives it elsewhere themselves, before this looks.
 */

const LATER_MS = 100;
const PRESSED = "button:not(:disabled), a[href], select:not(:disabled), summary, [tabindex='0']";

/** What had the keyboard last, and what it stands in, inside out: to the whole of the screen. */
let last: Element[] = [];

function within(element: Element): Element[] {
  const found = [];
  // Another screen has a heading that takes it.
  for (let at: Element | null = element; at; at = at.parentElement) {
    if (at.parentElement?.id === "app" || at === document.body) break;
    found.push(at);
  }
  return found;
}

const isNowhere = () => (document.activeElement ?? document.body) === document.body;

/** What can be pressed in a place, or the place itself: a field would bring a phone's keyboard up. */
export function placeIn(place: Element): HTMLElement | null {
  const pressed = [...place.querySelectorAll<HTMLElement>(PRESSED)];
  const found = pressed.find((each) => each.checkVisibility({ visibilityProperty: true }));
  if (found) return found;
  if (!(place instanceof HTMLElement) || !place.checkVisibility()) return null;
  place.tabIndex = -1;
  return place;
}

function look(): void {
  if (!isNowhere() || !document.hasFocus()) return;
  const had = last;
  last = [];
  if (had[0]?.isConnected) return; // somebody clicked beside it
  for (const each of had) {
    const place = each.isConnected ? placeIn(each) : null;
    if (place === null) continue;
    place.focus({ preventScroll: true });
    break;
  }
}

/** Begin. */
export function loseNoKeyboard(): void {
  const soon = () => setTimeout(look, LATER_MS);
  document.addEventListener("focusin", ({ target }) => (last = within(target as Element)));
  document.addEventListener("focusout", soon);
  // Only some engines say so when what has the keyboard is removed.
  new MutationObserver(() => {
    if (last[0] && !last[0].isConnected && isNowhere()) soon();
  }).observe(document.body, { childList: true, subtree: true });
}
