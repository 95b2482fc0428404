/** What happened, as marks of the timeline and rows of a list: each at its own time, and in words. */
import type { RunSummary, TimelineEntry } from "../api";
import { linesOf } from "../interviewer/log";
import { recordedSuites, type Suite, turns } from "../interviewer/suite";
import { type SharedKind, skip } from "../kinds";
import { describe } from "../session/runs";
import { span, t } from "../words";
import { endOf } from "./lanes";
import type { Recording } from "./recording";
import { replayWords } from "../words/replay";

export type MarkKind = keyof ReturnType<typeof replayWords>["replay"]["marks"];

export interface Mark {
  /** The entry that is the newest at its time. */
  seq: number;
  /** Milliseconds since the session was created. */
  offset: number;
  kind: MarkKind;
  participantId: string | null;
  /** What happened, after the name of whoever did it. */
  title: string;
  /** What they wrote. */
  text: string;
  /** Why it is worth more than others of its kind: "First run". */
  turn: string;
}

/** What is shown first; the rest is there for whoever wants everything. */
export function isMoment({ kind, turn }: Mark): boolean {
  return turn !== "" || !["passed", "failed", "join", "leave", "suggestion"].includes(kind);
}

const LONG_MS = 120_000; // a pause of which people ask what went on in it
const TOGETHER_MS = 5000; // a note and an entry of the shared log may wait for each other so long

export function marksOf(recording: Recording): Mark[] {
  const marks = [
    ...happenedIn(recording),
    ...runsIn(recording),
    ...samplesIn(recording),
    ...pausesIn(recording),
    ...notesIn(recording),
    ...testsIn(recording),
  ];
  return marks.sort((one, other) => one.offset - other.offset || one.seq - other.seq);
}

function markOf(
  { createdAt }: Recording,
  entry: TimelineEntry,
  kind: MarkKind,
  title: string,
  more: Partial<Mark> = {},
): Mark {
  const offset = Date.parse(entry.at) - createdAt;
  return {
    seq: entry.seq,
    offset,
    kind,
    participantId: entry.participant_id,
    title,
    text: "",
    turn: "",
    ...more,
  };
}

function happenedIn(recording: Recording): Mark[] {
  const explained = new Map(
    recording.entries
      .filter(({ kind }) => kind === "explained")
      .map(({ data }) => [data.of, String(data.text)]),
  );
  return recording.entries.flatMap((entry) => {
    const what = whatIn(recording.entries, entry);
    if (what === null) return [];
    const [kind, title, text = explained.get(entry.seq) ?? ""] = what;
    return [markOf(recording, entry, kind, title, { text })];
  });
}

/** What an entry is in the list, how that is said, and what was written; null where nothing is shown of it. */
function whatIn(
  entries: readonly TimelineEntry[],
  entry: TimelineEntry,
): readonly [MarkKind, string, string?] | null {
  const { data } = entry;
  const { did } = replayWords().replay;
  const kind = entry.kind as SharedKind;
  switch (kind) {
    case "paste":
      return ["paste", did.pasted(Number(data.characters), did.sources[String(data.source)] ?? "")];
    case "away":
      return data.away === true ? ["away", awayIn(entries, entry)] : null;
    case "language":
      return ["language", did.language(String(data.language))];
    case "join":
      return isReturn(entries, entry) ? null : ["join", did.join];
    case "leave": // Whose connection was lost did not leave.
      return isLoss(entries, entry) ? null : ["leave", did.leave];
    case "connection":
      return data.state === "lost" ? ["lost", lostIn(entries, entry)] : null;
    case "suggestion":
      return ["suggestion", did.suggestion(String(data.path))];
    case "said":
      return ["said", did.said, String(data.text)];
    case "branch": {
      const as = data.resumes === undefined ? "branch" : "back";
      return [as, did[as], String(data.name) || t.branches.main];
    }
    case "problem":
      return ["problem", did.problem, String(data.title)];
    case "session.ended":
      return ["ended", did.ended];
    case "session.reopened":
      return ["reopened", did.reopened];
    case "run.started":
    case "run.ended": // See `runsIn`.
    case "samples": // See `samplesIn`.
    case "run.input":
    case "run.output":
    case "run.resized":
    case "explained": // It stands with what it explains.
    case "edit":
    case "cursor":
    case "lock":
    case "role":
    case "removed":
    case "suggestion.answered":
    case "thinking":
      return null;
    default:
      skip(kind);
      return null;
  }
}

function resultsOf(data: TimelineEntry["data"]): { passed?: unknown }[] {
  return Array.isArray(data.results) ? (data.results as { passed?: unknown }[]) : [];
}

/** The next entry of its kind by the same person; entries lie where their `seq` says. */
function nextOf(
  entries: readonly TimelineEntry[],
  { seq, kind, participant_id }: TimelineEntry,
): TimelineEntry | undefined {
  // From there on: from the beginning, each of thousands would look through all before it.
  for (let at = seq; at < entries.length; at++) {
    const later = entries[at];
    if (later?.kind === kind && later.participant_id === participant_id) return later;
  }
  return undefined;
}

function awayIn(entries: readonly TimelineEntry[], entry: TimelineEntry): string {
  const back = nextOf(entries, entry);
  if (back?.data.away !== false) return replayWords().replay.did.away;
  return replayWords().replay.did.awayFor(
    span((Date.parse(back.at) - Date.parse(entry.at)) / 1000),
  );
}

function lostIn(entries: readonly TimelineEntry[], entry: TimelineEntry): string {
  const back = nextOf(entries, entry);
  return back?.data.state === "back"
    ? replayWords().replay.did.lostFor(span(Number(back.data.seconds)))
    : replayWords().replay.did.lost;
}

function isLoss(
  entries: readonly TimelineEntry[],
  { seq, participant_id }: TimelineEntry,
): boolean {
  const before = entries[seq - 2];
  return before?.kind === "connection" && before.participant_id === participant_id;
}

function isReturn(
  entries: readonly TimelineEntry[],
  { seq, participant_id }: TimelineEntry,
): boolean {
  const after = entries[seq];
  return (
    after?.kind === "connection" &&
    after.data.state === "back" &&
    after.participant_id === participant_id
  );
}

/** Runs, at their end; the first one, the first that passed and those that broke what had passed say so. */
function runsIn(recording: Recording): Mark[] {
  const started = new Map<unknown, TimelineEntry>();
  const marks: Mark[] = [];
  let passedBefore = false;
  for (const entry of recording.entries) {
    const { kind, data } = entry;
    if (kind === "run.started") started.set(data.run_id, entry);
    if (kind !== "run.ended") continue;
    const start = started.get(data.run_id);
    const passed = data.status === "exited" && data.exit_code === 0;
    const { turns: words, did } = replayWords().replay;
    const turns = [
      marks.length === 0 && words.firstRun,
      passed && !marks.some((mark) => mark.kind === "passed") && words.firstPass,
      !passed && passedBefore && words.breaks,
    ];
    passedBefore = passed;
    const title = did.ran(
      String(start?.data.path ?? ""),
      describe(data as unknown as RunSummary).text,
    );
    const participantId = start?.participant_id ?? null;
    const turn = turns.filter(Boolean).join(" · ");
    marks.push(
      markOf(recording, entry, passed ? "passed" : "failed", title, { participantId, turn }),
    );
  }
  return marks;
}

/** Trials of the samples: the first one, the first at which all pass, and those that broke that say so. */
function samplesIn(recording: Recording): Mark[] {
  const { turns: words, did } = replayWords().replay;
  const marks: Mark[] = [];
  let [first, allPassed, passedBefore] = [true, false, false];
  for (const entry of recording.entries) {
    // Another question has other samples.
    if (entry.kind === "problem") [first, allPassed, passedBefore] = [true, false, false];
    if (entry.kind !== "samples") continue;
    const results = resultsOf(entry.data);
    const passing = results.filter((result) => result.passed === true).length;
    const passed = passing === results.length;
    const turns = [
      first && words.firstSamples,
      passed && !allPassed && words.allSamples,
      !passed && passedBefore && words.breaks,
    ];
    [first, allPassed, passedBefore] = [false, allPassed || passed, passed];
    const turn = turns.filter(Boolean).join(" · ");
    const title = did.samples(passing, results.length);
    marks.push(markOf(recording, entry, passed ? "passed" : "failed", title, { turn }));
  }
  return marks;
}

/** Where nothing was recorded for long: what interviewers wrote meanwhile does not end a candidate's pause. */
function pausesIn(recording: Recording): Mark[] {
  return recording.entries.flatMap((entry, index) => {
    const next = recording.entries[index + 1];
    const gap = next ? Date.parse(next.at) - Date.parse(entry.at) : 0;
    if (gap < LONG_MS || entry.kind === "session.ended") return [];
    return [
      markOf(recording, entry, "pause", replayWords().replay.did.pause(span(gap / 1000)), {
        participantId: null,
      }),
    ];
  });
}

/** Notes and chat, when they were written; one about an instant long past stands there. */
function notesIn(recording: Recording): Mark[] {
  const { entries, createdAt, notes } = recording;
  const end = endOf(recording);
  return linesOf(notes).flatMap((line) => {
    const anchor = entries[line.anchor - 1];
    if (line.kind === "scores" || !anchor) return [];
    const next = entries[line.anchor];
    const written = Date.parse(line.at);
    const ofThen = next === undefined || written <= Date.parse(next.at) + TOGETHER_MS;
    const offset = (ofThen ? Math.min(written, end) : Date.parse(anchor.at)) - createdAt;
    const { participantId, text } = line;
    return [
      markOf(recording, anchor, line.kind, replayWords().replay.did[line.kind], {
        offset,
        participantId,
        text,
      }),
    ];
  });
}

/** Where other tests pass than before. */
function testsIn(recording: Recording): Mark[] {
  const { notes, entries } = recording;
  return recordedSuites(notes, entries).flatMap(({ suite }) => testsOf(recording, suite));
}

function testsOf(recording: Recording, suite: Suite): Mark[] {
  const words = replayWords().replay.turns;
  let most = 0;
  let before = 0;
  return turns(suite).flatMap(({ at, passing }) => {
    const anchor = recording.entries[at - 1];
    let turn = "";
    if (passing < before) turn = words.breaks;
    else if (passing === suite.tests.length && most < passing) turn = words.allTests;
    else if (most === 0) turn = words.firstTest;
    [before, most] = [passing, Math.max(most, passing)];
    const title = replayWords().replay.did.tests(passing, suite.tests.length);
    return anchor ? [markOf(recording, anchor, "tests", title, { participantId: null, turn })] : [];
  });
}
