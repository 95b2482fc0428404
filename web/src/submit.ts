/** What every form does when it is sent: one at a time, and what went wrong is kept to be said. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "./api";
import { takeFocus } from "./focus";

export function useSubmit(action: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // A second click comes before anything is rendered.
  const going = useRef(false);
  const pressed = useRef<HTMLElement | null>(null);
  // A button that waited could not keep the keyboard: whoever is refused goes on from where they were.
  useEffect(() => {
    if (!busy && problem !== null) takeFocus(pressed.current);
  }, [busy, problem]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (going.current) return;
    going.current = true;
    pressed.current = document.activeElement as HTMLElement | null;
    setBusy(true);
    try {
      await action();
      setProblem(null);
    } catch (error) {
      setProblem((error as ApiError).message);
    }
    going.current = false;
    setBusy(false);
  };
  return { busy, problem, submit };
}
