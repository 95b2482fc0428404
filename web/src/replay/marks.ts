/** What stands on the timeline: marks for what happened, and how much each person typed when. */
import type { TimelineEntry } from "../api";
import { span, t } from "../words";
import { linesOf } from "../interviewer/log";
import { recordedSuite, turns } from "../interviewer/suite";
import type { Recording } from "./tape";

export type MarkKind =
  | "passed"
  | "failed"
  | "paste"
  | "away"
  | "language"
  | "note"
  | "leave"
  | "lost"
  | "suggestion"
  | "branch"
  | "back"
  | "tests";

export interface Mark {
  seq: number;
  /** Milliseconds since the first entry. */
  offset: number;
  kind: MarkKind;
  participantId: string | null;
  text: string;
}

export interface Lane {
  participantId: string;
  name: string;
  /** Characters' worth of edits in each of equal spans of the whole time, as a share of the busiest. */
  activity: readonly number[];
}

export const BUCKETS = 240;

export function durationOf({ entries, createdAt }: Recording): number {
  const last = entries.at(-1);
  return last ? Math.max(Date.parse(last.at) - createdAt, 1) : 1;
}

export function marksOf(recording: Recording): Mark[] {
  const { entries, createdAt, notes } = recording;
  const started = new Map<unknown, TimelineEntry>();
  const marks: Mark[] = [];
  const add = (entry: TimelineEntry, kind: MarkKind, text = "") =>
    marks.push({
      seq: entry.seq,
      offset: Date.parse(entry.at) - createdAt,
      kind,
      participantId: entry.participant_id,
      text,
    });
  for (const entry of entries) {
    const { kind, data } = entry;
    if (kind === "run.started") started.set(data.run_id, entry);
    else if (kind === "run.ended") {
      const passed = data.status === "exited" && data.exit_code === 0;
      add(
        { ...entry, participant_id: started.get(data.run_id)?.participant_id ?? null },
        passed ? "passed" : "failed",
      );
    } else if (kind === "paste") add(entry, "paste");
    else if (kind === "away" && data.away === true) add(entry, "away");
    else if (kind === "language") add(entry, "language", String(data.language));
    else if (kind === "leave") {
      const before = entries[entry.seq - 2];
      // Whose connection was lost did not leave.
      if (before?.kind !== "connection" || before.participant_id !== entry.participant_id)
        add(entry, "leave");
    } else if (kind === "connection" && data.state === "lost") {
      const back = entries.find(
        (later) =>
          later.seq > entry.seq &&
          later.kind === "connection" &&
          later.participant_id === entry.participant_id,
      );
      add(
        entry,
        "lost",
        back?.data.state === "back" ? t.replay.backAfter(span(Number(back.data.seconds))) : "",
      );
    } else if (kind === "suggestion") add(entry, "suggestion");
    else if (kind === "branch")
      add(entry, data.resumes === undefined ? "branch" : "back", String(data.name) || t.branches.main);
  }
  for (const line of linesOf(notes)) {
    const anchor = entries[line.anchor - 1];
    if (line.kind === "note" && anchor)
      add({ ...anchor, participant_id: line.participantId }, "note", line.text);
  }
  const suite = recordedSuite(notes);
  for (const { at, passing } of turns(suite)) {
    const anchor = entries[at - 1];
    if (anchor) add({ ...anchor, participant_id: null }, "tests", t.tests.now(passing, suite.tests.length));
  }
  return marks.sort((one, other) => one.seq - other.seq);
}

export interface Stretch {
  /** Milliseconds since the first entry. */
  from: number;
  to: number;
  name: string;
}

/** When the session was at which follow-up question. */
export function stretchesOf(recording: Recording): Stretch[] {
  const { entries, createdAt } = recording;
  const turns = entries.filter(({ kind }) => kind === "branch");
  return turns.flatMap((entry, index) => {
    if (entry.data.resumes === 0) return [];
    const next = turns[index + 1];
    const to = next ? Date.parse(next.at) - createdAt : durationOf(recording);
    return [{ from: Date.parse(entry.at) - createdAt, to, name: String(entry.data.name) }];
  });
}

export function lanesOf(recording: Recording): Lane[] {
  const { entries, people, createdAt } = recording;
  const duration = durationOf(recording);
  const counts = new Map<string, number[]>();
  for (const entry of entries) {
    if (entry.kind !== "edit" || entry.participant_id === null) continue;
    let lane = counts.get(entry.participant_id);
    if (lane === undefined) counts.set(entry.participant_id, (lane = Array<number>(BUCKETS).fill(0)));
    const bucket = Math.min(
      BUCKETS - 1,
      Math.floor(((Date.parse(entry.at) - createdAt) / duration) * BUCKETS),
    );
    lane[Math.max(bucket, 0)] = (lane[Math.max(bucket, 0)] ?? 0) + 1;
  }
  const busiest = Math.max(1, ...[...counts.values()].flat());
  return people
    .filter(({ participant_id }) => counts.has(participant_id))
    .map(({ participant_id, name }) => ({
      participantId: participant_id,
      name,
      activity: (counts.get(participant_id) ?? []).map((count) => count / busiest),
    }));
}

/** The share of the time in which somebody typed, something ran, and nothing happened. */
export function timeSplit({ entries }: Recording): { typing: number; running: number; idle: number } {
  const PAUSE_MS = 5000;
  let [typing, running, idle] = [0, 0, 0];
  let active = 0;
  entries.forEach((entry, index) => {
    if (entry.kind === "run.started") active += 1;
    if (entry.kind === "run.ended") active -= 1;
    const next = entries[index + 1];
    if (!next) return;
    const gap = Date.parse(next.at) - Date.parse(entry.at);
    if (active > 0) running += gap;
    else if (entry.kind === "edit" && entry.participant_id !== null && gap < PAUSE_MS) typing += gap;
    else idle += gap;
  });
  return { typing, running, idle };
}
