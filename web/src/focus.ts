/** Where the keyboard is when what had it is gone: never nowhere. */

/** Give the keyboard to an element, unless something else has it. */
export function takeFocus(element: HTMLElement | null): void {
  if (element === null || (document.activeElement ?? document.body) !== document.body) return;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** Somebody goes to another screen: the keyboard is at its heading once that is there. */
export function focusNextHeading(): void {
  const before = document.querySelector("h1");
  const watcher = new MutationObserver(() => {
    const heading = document.querySelector<HTMLElement>("h1");
    if (heading === null || heading === before) return;
    watcher.disconnect();
    takeFocus(heading);
  });
  watcher.observe(document.body, { childList: true, subtree: true });
}
