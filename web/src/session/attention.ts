/** Whether somebody is at this page: it is visible and has the keyboard, or was a moment ago. */

/** A glance at another window is no absence. */
export const GLANCE_MS = 5000;

/** Call `onChange(true)` when somebody has been away for longer than a glance, and `false` when they are back. */
export function awayAfter(onChange: (away: boolean) => void): () => void {
  let away = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const here = document.visibilityState === "visible" && document.hasFocus();
    if (here) {
      clearTimeout(timer);
      timer = undefined;
      if (away) onChange((away = false));
    } else if (!away) {
      timer ??= setTimeout(() => {
        timer = undefined;
        onChange((away = true));
      }, GLANCE_MS);
    }
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  addEventListener("blur", look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
    removeEventListener("focus", look);
    removeEventListener("blur", look);
  };
}
