/** Short notices that need no answer. */
import { Observable, useValue } from "./observable";

const SHOWN_MS = 4000;
const current = new Observable<string | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string): void {
  clearTimeout(timer);
  current.set(text);
  timer = setTimeout(() => current.set(null), SHOWN_MS);
}

export function Toast() {
  const text = useValue(current);
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {text && <div class="toast">{text}</div>}
    </div>
  );
}

/** Copy text; say so, or show it when the browser refuses. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    window.prompt(`Copy the ${what.toLowerCase()}:`, text);
  }
}
