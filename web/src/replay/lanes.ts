/** What the timeline draws beside the marks: how long it is, its ticks, who typed how much when, which line of work. */
import type { TimelineEntry } from "../api";
import type { Recording } from "./recording";

export interface Lane {
  participantId: string;
  name: string;
  /** Characters' worth of edits in each of equal spans of the whole time, as a share of the busiest. */
  activity: readonly number[];
}

export const BUCKETS = 240;

/** When the recording ends: with the session, or with what was written last, a note in a silence among it. */
export function endOf({ entries, notes, createdAt }: Recording): number {
  const last = entries.at(-1);
  if (last === undefined) return createdAt;
  const ended = Date.parse(last.at);
  return last.kind === "session.ended"
    ? ended
    : Math.max(ended, ...notes.map(({ at }) => Date.parse(at)));
}

export function durationOf(recording: Recording): number {
  return Math.max(endOf(recording) - recording.createdAt, 1);
}

/** Where on the bar an instant is, in percent. A server's clock can be set back: nothing stands outside the bar. */
export function placeOf(offset: number, duration: number): string {
  return `${(Math.min(1, Math.max(0, offset / duration || 0)) * 100).toFixed(3)}%`;
}

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400,
];
const MOST_TICKS = 7;

/** Round instants along a duration, in milliseconds, counted from its `zero`: a few, whatever its length. */
export function ticksOf(duration: number, zero = 0): number[] {
  const fits = (step: number) => duration / (step * 1000) <= MOST_TICKS;
  const days = Math.ceil(duration / (86_400_000 * MOST_TICKS));
  const step = (STEPS.find(fits) ?? 86_400 * days) * 1000;
  const first = zero % step;
  return Array.from(
    { length: Math.floor((duration - first) / step) + 1 },
    (_, tick) => first + tick * step,
  );
}

export interface Stretch {
  /** The entry that opened this line of work. */
  of: number;
  /** Milliseconds since the session was created. */
  from: number;
  to: number;
  name: string;
}

/** When the session was at which follow-up question. */
export function stretchesOf(recording: Recording): Stretch[] {
  const { entries, createdAt } = recording;
  const turns = entries.filter(({ kind }) => kind === "branch");
  return turns.flatMap((entry, index) => {
    const of = lineOf(entry);
    if (of === 0) return [];
    const next = turns[index + 1];
    const to = next ? Date.parse(next.at) - createdAt : durationOf(recording);
    return [{ of, from: Date.parse(entry.at) - createdAt, to, name: String(entry.data.name) }];
  });
}

/** The line of work that an entry `branch` goes to: the entry that opened it; 0: the main one. */
function lineOf({ seq, data }: TimelineEntry): number {
  return data.resumes === undefined ? seq : Number(data.resumes);
}

/** The lines of work in the order of their opening: each has a colour, wherever it is shown. */
export function linesOfWork({ entries }: Recording): { of: number; name: string }[] {
  return entries
    .filter(({ kind, data }) => kind === "branch" && data.resumes === undefined)
    .map(({ seq, data }) => ({ of: seq, name: String(data.name) }));
}

/** Which line of work the session was on after an entry; null: there is only the main one. */
export function lineAt({ entries }: Recording, seq: number): number | null {
  if (!entries.some(({ kind }) => kind === "branch")) return null;
  const last = entries.slice(0, seq).findLast(({ kind }) => kind === "branch");
  return last ? lineOf(last) : 0;
}

export function lanesOf(recording: Recording): Lane[] {
  const { entries, people, createdAt } = recording;
  const duration = durationOf(recording);
  const counts = new Map<string, number[]>();
  for (const entry of entries) {
    if (entry.kind !== "edit" || entry.participant_id === null) continue;
    let lane = counts.get(entry.participant_id);
    if (lane === undefined)
      counts.set(entry.participant_id, (lane = Array<number>(BUCKETS).fill(0)));
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

/** For how long somebody typed, something ran, and neither was so: people talk, read and think then. */
export function timeSplit({ entries }: Recording): {
  typing: number;
  running: number;
  neither: number;
} {
  const PAUSE_MS = 5000;
  let [typing, running, neither] = [0, 0, 0];
  let active = 0;
  entries.forEach((entry, index) => {
    if (entry.kind === "run.started") active += 1;
    if (entry.kind === "run.ended") active -= 1;
    const next = entries[index + 1];
    if (!next) return;
    const gap = Date.parse(next.at) - Date.parse(entry.at);
    if (active > 0) running += gap;
    else if (entry.kind === "edit" && entry.participant_id !== null && gap < PAUSE_MS)
      typing += gap;
    else neither += gap;
  });
  return { typing, running, neither };
}
