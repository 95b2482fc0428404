/** Whether somebody is at this page: it is visible and has the keyboard, or was a moment ago. */

/** A glance at another window is no absence. */
export const GLANCE_MS = 5000;

/** Call `onChange(true)` when somebody has been away for longer than a glance, and `false` when they are back. */
export function awayAfter(onChange: (away: boolean) => void): () => void {
  let away = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Somebody is here: they look, or they type or point. */
  const here = () => {
    clearTimeout(timer);
    timer = undefined;
    if (away) onChange((away = false));
  };
  const look = () => {
    if (document.visibilityState === "visible" && document.hasFocus()) here();
    else if (!away)
      timer ??= setTimeout(() => {
        timer = undefined;
        onChange((away = true));
      }, GLANCE_MS);
  };
  look();
  const [looks, acts] = [
    ["focus", "blur", "pageshow"],
    ["keydown", "pointerdown"],
  ];
  for (const event of looks) addEventListener(event, look);
  for (const event of acts) addEventListener(event, here, true);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
    for (const event of looks) removeEventListener(event, look);
    for (const event of acts) removeEventListener(event, here, true);
  };
}
