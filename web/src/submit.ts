/** What every form does when it is sent: one at a time, and what went wrong is kept to be said. */
import { useState } from "preact/hooks";
import type { ApiError } from "./api";

export function useSubmit(action: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await action();
      setProblem(null);
    } catch (error) {
      setProblem((error as ApiError).message);
    }
    setBusy(false);
  };
  return { busy, problem, submit };
}
