/** The sessions of a list as an agenda: what is on today, what is coming, what is still open, what has ended. */
import type { ListedSession } from "./api";

export const PARTS = ["today", "coming", "open", "ended"] as const;
export type Part = (typeof PARTS)[number];
type Dated = Pick<
  ListedSession,
  "status" | "starts_at" | "ended_at" | "created_at" | "last_activity_at"
>;

/** The instant that a row is about: when it is to be, was ended, or something last happened. */
export function instantOf(session: Dated): string {
  if (session.status === "ended") return session.ended_at ?? session.last_activity_at;
  return session.starts_at ?? session.last_activity_at;
}

/** Where a session stands. What was planned for a day that is over and never ended is still open. */
export function partOf(session: Dated, now: number): Part {
  if (session.status === "ended") return "ended";
  const instant = Date.parse(instantOf(session));
  if (dayOf(instant) === dayOf(now)) return "today";
  return instant > now ? "coming" : "open";
}

/** The parts that have something in them: what is to come soonest first, what was newest first. */
export function agendaOf<T extends Dated>(sessions: readonly T[], now: number): [Part, T[]][] {
  const at = (session: T) => Date.parse(instantOf(session));
  return PARTS.map((part): [Part, T[]] => {
    const own = sessions.filter((session) => partOf(session, now) === part);
    if (part === "open" || part === "ended") return [part, own.sort((a, b) => at(b) - at(a))];
    const planned = own
      .filter((session) => session.starts_at !== null)
      .sort((a, b) => at(a) - at(b));
    const others = own
      .filter((session) => session.starts_at === null)
      .sort((a, b) => at(b) - at(a));
    return [part, [...planned, ...others]];
  }).filter(([, own]) => own.length > 0);
}

/** An instant as short as it is clear: the time today, the weekday within six days of now, else the date. */
export function shortly(instant: string, now: number, locale: string): string {
  const at = Date.parse(instant);
  const write = (options: Intl.DateTimeFormatOptions) =>
    new Date(at).toLocaleString(locale, options);
  if (dayOf(at) === dayOf(now)) return write({ hour: "2-digit", minute: "2-digit" });
  const days = Math.abs(dayOf(at) - dayOf(now));
  if (days < 7 && at > now) return write({ weekday: "short", hour: "2-digit", minute: "2-digit" });
  if (days < 7) return write({ weekday: "short" });
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return write({ day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** The number of a day of this computer's calendar; days with 23 or 25 hours are one day too. */
function dayOf(instant: number): number {
  const date = new Date(instant);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}
