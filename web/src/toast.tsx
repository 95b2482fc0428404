/** Short notices that need no answer. */
import { Observable, useValue } from "./observable";
import { t } from "./words";

const SHOWN_MS = 4000;
const UNDO_MS = 10_000;

/** What the notice offers to do, such as to undo it. */
interface Action {
  label: string;
  run: () => void;
}

const current = new Observable<{ text: string; action: Action | null } | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string, action: Action | null = null): void {
  clearTimeout(timer);
  current.set({ text, action });
  timer = setTimeout(() => current.set(null), action ? UNDO_MS : SHOWN_MS);
}

export function Toast() {
  const shown = useValue(current);
  const action = shown?.action;
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {shown && (
        <div class="toast">
          {shown.text}
          {action && (
            <button
              type="button"
              onClick={() => {
                current.set(null);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** Copy text; say so, or show it when the browser refuses. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t.copied(what));
  } catch {
    window.prompt(t.copyByHand(what), text);
  }
}
