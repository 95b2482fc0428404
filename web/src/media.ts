/** Whether a media query holds now: for what a style sheet alone cannot arrange. */
import { useEffect, useState } from "preact/hooks";

/** Where one pane is shown at a time; the style sheets say the same. */
export const NARROW = "(max-width: 720px), (max-height: 500px)";
/** Whoever writes with a phone's keyboard, or would in a window like a phone's. */
export const PHONE = `(pointer: coarse), ${NARROW}`;

export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const tell = () => setHolds(list.matches);
    tell();
    list.addEventListener("change", tell);
    return () => list.removeEventListener("change", tell);
  }, [query]);
  return holds;
}
