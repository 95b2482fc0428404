/** What was recorded, fetched page by page, and on while the session goes on; whoever may read it, by whatever road. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, Person, PrivateEntry, Session, TimelineEntry } from "../api";
import { isForGood } from "../for-good";
import type { Recording } from "./recording";

const LIVE_MS = 2000;
const ENDED_MS = 30_000; // it may be opened again, and interviewers go on writing
const PAGE = 1000;
const AT_ONCE = 6; // a long log is not asked for one round trip after the other

type About = Pick<
  Session,
  "session_id" | "title" | "language" | "created_at" | "clock_started_at" | "status"
>;

export interface Source {
  about: About;
  timeline: (after: number) => Promise<TimelineEntry[]>;
  /** All of the interviewers' log beyond an entry; null for those who do not see it. */
  notes: ((after: number) => Promise<PrivateEntry[]>) | null;
}

export function useFeed(source: Source | null) {
  const [recording, setRecording] = useState<Recording | null>(null);
  const [loaded, setLoaded] = useState(0);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => {
    if (source === null) return;
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { about, timeline } = source;
    let shown = -1; // entries and notes
    const read = async (entries: TimelineEntry[], notes: PrivateEntry[]): Promise<void> => {
      for (let [wide, full] = [1, true]; full; wide = AT_ONCE) {
        const after = entries.at(-1)?.seq ?? 0;
        const pages = await Promise.all(
          Array.from({ length: wide }, (_, place) => timeline(after + place * PAGE)),
        );
        if (gone) return;
        for (const page of pages) {
          entries.push(...page);
          full = page.length === PAGE;
          if (!full) break; // what a later page has came after this one was asked for
        }
        setLoaded(entries.length);
      }
      const fresh = (await source.notes?.(notes.at(-1)?.seq ?? 0)) ?? [];
      if (gone) return;
      notes.push(...fresh);
      if (entries.length + notes.length > shown) {
        shown = entries.length + notes.length;
        setRecording(recordingOf(about, [...entries], [...notes]));
      }
      // Nobody is told that somebody looks: there is no socket, only the log.
      const wait = goesOn(about, entries) ? LIVE_MS : ENDED_MS;
      if (about.status === "open") timer = setTimeout(() => void again(entries, notes), wait);
    };
    /** What is here is shown on while the server is away, or has too much to do; it is asked until it says no. */
    const again = (entries: TimelineEntry[], notes: PrivateEntry[]): Promise<void> =>
      read(entries, notes).catch((problem: ApiError) => {
        if (gone) return;
        if (isForGood(problem)) setProblem(problem);
        else timer = setTimeout(() => void again(entries, notes), LIVE_MS);
      });
    read([], []).catch(setProblem);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source]);
  return { recording, loaded, problem };
}

/** Whether a session goes on that was open, or not, when the page asked: the log tells what became of it since. */
export function goesOn({ status }: Pick<About, "status">, entries: readonly TimelineEntry[]) {
  const last = entries.findLast(({ kind }) => /^session\.(?:ended|reopened)$/.test(kind));
  return status === "open" && last?.kind !== "session.ended";
}

function recordingOf(session: About, entries: TimelineEntry[], notes: PrivateEntry[]): Recording {
  return {
    sessionId: session.session_id,
    title: session.title,
    language: session.language,
    createdAt: Date.parse(session.created_at),
    startedAt: session.clock_started_at ? Date.parse(session.clock_started_at) : null,
    people: peopleOf(entries, notes),
    entries,
    notes,
  };
}

/** Who took part, as the log tells it. */
function peopleOf(entries: readonly TimelineEntry[], notes: readonly PrivateEntry[]): Person[] {
  const people = new Map<string, Person>();
  const add = (id: string | null, name: unknown, role: unknown) => {
    if (id !== null && !people.has(id))
      people.set(id, { participant_id: id, name: String(name), role: role as Person["role"] });
  };
  for (const { kind, participant_id, data } of entries)
    if (kind === "join") add(participant_id, data.name, data.role);
  for (const { participant_id, data } of notes) add(participant_id, data.name, "interviewer");
  return [...people.values()];
}
