/** The keyboard's way from pane to pane. */

/** Move the focus to the next pane. */
export function walkPanes(step: number): void {
  const panes = [
    ".bar button, .bar select",
    ".problem-body, .problem-fold",
    ".cm-content, .veil button",
    ".screen textarea",
    ".side",
  ];
  const elements = panes.map((selector) => document.querySelector<HTMLElement>(selector));
  const now = elements.findIndex((_, index) => {
    const area = [".bar", ".problem-panel", ".files", ".output", ".side"][index];
    return area !== undefined && document.activeElement?.closest(area) !== null;
  });
  for (let hop = 1; hop <= elements.length; hop++) {
    const next = elements[(now + hop * step + elements.length * 2) % elements.length];
    if (next && next.offsetParent !== null) {
      if (next.tabIndex < 0) next.tabIndex = -1;
      next.focus();
      return;
    }
  }
}
