/** Going to another screen without loading the page again, and not leaving one where something would be lost. */
import { t } from "./words";

const losses = new Set<() => boolean>();

/** Go to another screen; `instead` of this one when Back should not lead here again. */
export function go(path: string, how: "then" | "instead" = "then"): void {
  if (how === "then" && !mayLeave()) return;
  if (how === "then") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state: "asked" }));
}

/** Ask before the page or the screen is left, as long as something would be lost; return how to stop. */
export function askBeforeLeaving(wouldLose: () => boolean): () => void {
  const onUnload = (event: BeforeUnloadEvent) => {
    if (wouldLose()) event.preventDefault();
  };
  losses.add(wouldLose);
  addEventListener("beforeunload", onUnload);
  return () => {
    losses.delete(wouldLose);
    removeEventListener("beforeunload", onUnload);
  };
}

/** Whether the address that the browser went to may be shown; where somebody stays, theirs is put back. */
export function follows(event: PopStateEvent, from: string): boolean {
  if (event.state === "asked" || location.pathname === from || mayLeave()) return true;
  history.pushState(null, "", from);
  return false;
}

function mayLeave(): boolean {
  return ![...losses].some((wouldLose) => wouldLose()) || confirm(t.leaveUnsaved);
}
