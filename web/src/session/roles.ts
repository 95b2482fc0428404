/** What roles may do, as the page shows it; the server decides. */
import type { Role } from "../api";

/** Whether a role looks after the session. */
export function mayHost(role: Role | undefined): boolean {
  return role === "host" || role === "interviewer";
}

/** Whether a role takes part: observers only watch. */
export function mayTakePart(role: Role | undefined): boolean {
  return role !== undefined && role !== "observer";
}
