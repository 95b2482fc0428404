/** From the library to a new session: the question or the plan that its form begins with. */
import type { Plan, UsableQuestion } from "../api";
import { go } from "../navigation";

/** What a session begins with. */
export type Beginning = { question: UsableQuestion } | { plan: Plan };

let next: Beginning | null = null;

/** Go to a new session that is about a question, or goes through a plan. */
export function useInSession(beginning: Beginning): void {
  next = beginning;
  go("/");
}

/** What somebody wants to use; it is wanted once. */
export function takeNext(): Beginning | null {
  const taken = next;
  next = null;
  return taken;
}
