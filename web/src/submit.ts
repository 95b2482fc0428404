/** What every form does when it is sent: one at a time, and what went wrong is kept to be said. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "./api";
import { takeFocus } from "./focus";
import { goTo, mark, refusedIn, type Refused } from "./refused";

export function useSubmit(action: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // A second click comes before anything is rendered.
  const going = useRef(false);
  const pressed = useRef<HTMLElement | null>(null);
  const refused = useRef<Refused["control"]>(null);
  // A button that waited could not keep the keyboard: whoever is refused goes on from where they were.
  useEffect(() => {
    if (busy || problem === null) return;
    const { current: field } = refused;
    if (field?.isConnected) mark(field);
    // Whoever sent a form goes to what is wrong with it, unless they went on to something else meanwhile.
    const { activeElement: at } = document;
    if (field?.isConnected && (at === pressed.current || field.form?.contains(at))) goTo(field);
    takeFocus(field ?? pressed.current);
  }, [busy, problem]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (going.current) return;
    going.current = true;
    pressed.current = document.activeElement as HTMLElement | null;
    const { currentTarget } = event;
    setBusy(true);
    try {
      await action();
      setProblem(null);
    } catch (error) {
      const { text, control } = refusedIn(currentTarget, error as ApiError);
      refused.current = control;
      setProblem(text);
    }
    going.current = false;
    setBusy(false);
  };
  return { busy, problem, submit };
}
