/** Times as the replay shows them: since the interview began, with the candidate's coming; before it, with a minus. */
import { span } from "../words";
import type { Recording } from "./recording";

/** The instant that counts as 0:00, in milliseconds; where nobody came, the session's creation. */
export function zeroOf({
  createdAt,
  startedAt,
}: Pick<Recording, "createdAt" | "startedAt">): number {
  return startedAt ?? createdAt;
}

/** An instant, in milliseconds, as its time. */
export function clockOf(recording: Pick<Recording, "createdAt" | "startedAt">, at: number): string {
  return span((at - zeroOf(recording)) / 1000);
}
