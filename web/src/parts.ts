/** The page's parts that are fetched when they are wanted: again and again until they are here, whatever fails meanwhile. */
import { delayBefore } from "./collab/backoff";
import { toast } from "./toast";
import { t } from "./words";

/** Who waits to try again before their time is up. */
const waiting = new Set<() => void>();

/** The connection is back, as somebody noticed: what is missing is fetched now. */
export function fetchMissing(): void {
  for (const go of waiting) go();
}

/** Return a part, however long that takes; `onMissing` is told each time it could not be fetched. */
export async function fetched<T>(load: () => Promise<T>, onMissing = tell): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const part = await load();
      await styled();
      return part;
    } catch {
      onMissing(attempt);
      await another(attempt);
    }
  }
}

/** Said once: it comes by itself. */
function tell(attempt: number): void {
  if (attempt === 1) toast(t.partMissing);
}

/** Wait for the next attempt: its time, or the connection. */
function another(attempt: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      waiting.delete(go);
      resolve();
    };
    const timer = setTimeout(go, delayBefore(attempt + 2, null));
    waiting.add(go);
  });
}

/** Style sheets that could not be fetched. Whoever asked first does not ask again. */
const failed = new Set<HTMLLinkElement>();

/** Have another one in the place of each that failed, and wait for it. */
async function styled(): Promise<void> {
  const missing = [...failed];
  failed.clear();
  await Promise.all(
    missing.map(
      (link) =>
        new Promise<void>((resolve, reject) => {
          const next = link.cloneNode() as HTMLLinkElement;
          next.onload = () => resolve();
          next.onerror = () => reject(new Error(next.href));
          link.replaceWith(next);
        }),
    ),
  );
}

if (typeof window !== "undefined") {
  window.addEventListener("online", fetchMissing);
  const note = ({ target }: Event) => {
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet") failed.add(target);
  };
  window.addEventListener("error", note, true); // it does not bubble
}
