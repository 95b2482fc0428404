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
          {action && (
            <button
              type="button"
              class="quiet"
              aria-label={t.close}
              onClick={() => current.set(null)}
            >
              ×
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** Copy text, and say so; return whether it was. What the browser refuses is shown, to be copied by hand. */
export async function copy(text: string, what: string): Promise<boolean> {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    done = copyAsEvent(text);
  }
  if (done) toast(t.copied(what));
  else window.prompt(t.copyByHand(what), text);
  return done;
}

/** As the keyboard copies: without TLS, on another address than this computer's, a page has no other way. */
function copyAsEvent(text: string): boolean {
  let done = false;
  const give = (event: ClipboardEvent) => {
    event.stopImmediatePropagation();
    event.preventDefault();
    event.clipboardData?.setData("text/plain", text);
    done = true;
  };
  addEventListener("copy", give, true);
  document.execCommand("copy");
  removeEventListener("copy", give, true);
  return done;
}

/** Whether it is being told how a link leaves this computer. */
export const lettingIn = new Observable(false);

/** Copy a link to send. One that cannot leave this computer says so, and tells how to let people in. */
export async function copyLink(url: string, what: string): Promise<void> {
  const said = (await copy(url, what)) ? `${t.copied(what)}. ` : "";
  if (isLocal(url))
    toast(said + t.onlyHere, { label: t.howToLetIn, run: () => lettingIn.set(true) });
}

/** Whether an address means whatever computer it is opened on. */
export function isLocal(url: string): boolean {
  const { hostname } = new URL(url, "http://localhost");
  return /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname);
}
