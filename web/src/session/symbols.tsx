/** The characters that a phone's keyboard hides, in a row above it: each does what its key does. */
import "../styles/symbols.css";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import { panelWords } from "../words/panels";

const SYMBOLS = ["(", ")", "[", "]", "{", "}", ":", '"', "="] as const;

interface SymbolRowProps {
  view: { current: EditorView | null };
  disabled: boolean;
}

export function SymbolRow({ view, disabled }: SymbolRowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => (row.current ? stayAboveKeyboard(row.current) : undefined), []);
  const press = (key: string) => {
    if (disabled || view.current === null) return;
    pressKey(view.current, key);
    view.current.focus();
  };
  return (
    <div class="symbols" role="group" aria-label={panelWords().symbols.label} ref={row}>
      {["Tab", ...SYMBOLS].map((key) => (
        // Whoever has a keyboard has these keys on it: they are no stops on its way.
        <button
          key={key}
          type="button"
          tabIndex={-1}
          aria-label={panelWords().symbols.names[key] ?? key}
          aria-disabled={disabled}
          onMouseDown={(event) => event.preventDefault()} // the editor keeps the focus, and the phone its keyboard
          onClick={() => press(key)}
        >
          {key}
        </button>
      ))}
    </div>
  );
}

/** Do what a key does: Vim, an open list, the indentation are asked first; what nobody takes is typed. */
function pressKey(view: EditorView, key: string): void {
  const pressed = new KeyboardEvent("keydown", {
    key,
    keyCode: key === "Tab" ? 9 : 0,
    bubbles: true,
    cancelable: true,
  });
  if (!view.contentDOM.dispatchEvent(pressed) || key === "Tab") return;
  const { from, to } = view.state.selection.main;
  const typed = () =>
    view.state.update(view.state.replaceSelection(key), {
      userEvent: "input.type",
      scrollIntoView: true,
    });
  if (
    !view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, key, typed))
  )
    view.dispatch(typed());
}

/** Where a phone lays its keyboard over the page (iOS), lift the row onto it; return how to stop. */
function stayAboveKeyboard(row: HTMLElement): () => void {
  const seen = window.visualViewport;
  if (!seen) return () => undefined;
  const place = () => {
    const covered = seen.scale === 1 ? Math.round(innerHeight - seen.height - seen.offsetTop) : 0;
    row.classList.toggle("symbols-lifted", covered > 0);
    row.style.bottom = covered > 0 ? `${covered}px` : "";
  };
  const stop = new AbortController();
  for (const change of ["resize", "scroll"])
    seen.addEventListener(change, place, { signal: stop.signal });
  place();
  return () => stop.abort();
}
