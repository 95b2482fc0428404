import { expect, it } from "vitest";
import type { TimelineEntry } from "../api";
import { clockOf } from "./time";
import { BUCKETS, durationOf, lanesOf, lineAt, stretchesOf, ticksOf, timeSplit } from "./lanes";
import { isMoment, marksOf } from "./marks";
import { decisionsOf } from "./scored";
import type { Recording } from "./recording";

const START = Date.parse("2026-11-24T09:00:00Z");
const entry = (
  seq: number,
  second: number,
  kind: string,
  data: object = {},
  who: string | null = "zoe",
) =>
  ({
    seq,
    at: new Date(START + second * 1000).toISOString(),
    kind,
    participant_id: who,
    data,
  }) as TimelineEntry;

const recording: Recording = {
  sessionId: "s",
  title: "t",
  language: "python",
  createdAt: START,
  startedAt: null,
  people: [{ participant_id: "zoe", name: "Zoë", role: "candidate" }],
  entries: [
    entry(1, 0, "edit", { update: "" }, null),
    entry(2, 1, "edit"),
    entry(3, 2, "edit"),
    entry(4, 20, "run.started", { run_id: "a" }),
    entry(5, 23, "run.ended", { run_id: "a", status: "exited", exit_code: 1 }, null),
    entry(6, 24, "paste"),
    entry(7, 100, "language", { language: "java" }, "ana"),
  ],
  notes: [
    {
      seq: 1,
      at: new Date(START + 60_000).toISOString(),
      kind: "note",
      participant_id: "ana",
      data: { name: "Ana", anchor: 5, text: "hm" },
    },
  ],
};

const note = (seq: number, second: number, anchor: number, text = "hm") => ({
  ...{
    seq,
    kind: "note",
    participant_id: "ana",
    at: new Date(START + second * 1000).toISOString(),
  },
  data: { name: "Ana", anchor, text },
});

it("marks what happened", () => {
  expect(marksOf(recording).map(({ seq, kind, offset }) => [seq, kind, offset])).toEqual([
    [5, "failed", 23_000],
    [5, "note", 23_000],
    [6, "paste", 24_000],
    [7, "language", 100_000],
  ]);
  expect(marksOf(recording)[0]?.participantId).toBe("zoe"); // who ran it, not who noted its end
});

it("shows a note at its own time, however long nothing else was recorded", () => {
  const quiet = { ...recording, entries: [...recording.entries, entry(8, 2000, "edit")] };
  const times = (notes: ReturnType<typeof note>[], entries = quiet.entries) =>
    marksOf({ ...quiet, entries, notes })
      .filter(({ kind }) => kind === "note")
      .map(({ seq, offset }) => [seq, offset / 1000]);
  expect(times([note(1, 1681, 7)])).toEqual([[7, 1681]]);
  // Committed a moment before an entry that was on its way; about an instant that somebody named; while all goes on.
  expect(times([note(1, 2001, 7)])).toEqual([[7, 2001]]);
  expect(times([note(1, 1990, 5)])).toEqual([[5, 23]]);
  expect(times([note(1, 2600, 8)])).toEqual([[8, 2600]]);
  expect(durationOf({ ...quiet, notes: [note(1, 2600, 8)] })).toBe(2_600_000);
  // Written when all was over, it stands at the end, and the end stays where it was.
  const over = [...quiet.entries, entry(9, 3600, "session.ended", {}, null)];
  expect(times([note(1, 90_000, 9)], over)).toEqual([[9, 3600]]);
});

it("tells the moments: first run, first pass, what breaks, long pauses, pastes", () => {
  const run = (seq: number, second: number, exit: number) => [
    entry(seq, second, "run.started", { run_id: seq, path: "main.py" }),
    entry(
      seq + 1,
      second + 1,
      "run.ended",
      { run_id: seq, status: "exited", exit_code: exit, duration_ms: 41 },
      null,
    ),
  ];
  const entries = [
    ...run(1, 0, 1),
    ...run(3, 10, 1),
    ...run(5, 20, 0),
    ...run(7, 30, 0),
    entry(9, 600, "paste", { characters: 635, lines: 9, source: "outside", path: "main.py" }),
    entry(10, 610, "explained", { of: 9, text: "my notes" }),
    ...run(11, 620, 1),
  ];
  const moments = marksOf({ ...recording, entries, notes: [] }).filter(isMoment);
  expect(moments.map(({ turn, title, text }) => [turn, title, text])).toEqual([
    ["First run", "ran main.py: exited 1 · 41 ms", ""],
    ["First pass", "ran main.py: exited 0 · 41 ms", ""],
    ["", "A pause of 9:29", ""],
    ["", "pasted 635 characters from outside", "my notes"],
    ["Breaks", "ran main.py: exited 1 · 41 ms", ""],
  ]);
  expect(marksOf({ ...recording, entries: run(1, 0, 0), notes: [] })[0]?.turn).toBe(
    "First run · First pass",
  );
});

it("shows a line to everybody, and survives what a newer version records", () => {
  const entries = [
    entry(1, 1, "said", { text: "Two Sum, please" }, "ana"),
    entry(2, 2, "a kind of tomorrow"),
  ];
  const marks = marksOf({ ...recording, entries, notes: [] });
  expect(marks.map(({ kind, title, text }) => [kind, title, text])).toEqual([
    ["said", "said to everybody", "Two Sum, please"],
  ]);
  expect(marks.every(isMoment)).toBe(true);
});

it("tells what each interviewer decided last, as far as one may know it", () => {
  const decided = (seq: number, who: string, verdict: string | null, text: string) => ({
    ...{ seq, kind: "decision", participant_id: who, at: new Date(START).toISOString() },
    data: { name: who, anchor: 7, verdict, text },
  });
  const notes = [
    ...[decided(1, "ana", "no", ""), decided(2, "ida", null, ""), decided(3, "bo", "maybe", "")],
    decided(4, "ana", "strong_yes", "the hash map"),
  ];
  expect(decisionsOf(notes)).toEqual([
    { participantId: "ana", name: "ana", verdict: "strong_yes", text: "the hash map" },
  ]);
});

it("has round ticks, a few of them, whatever the length", () => {
  const minutes = (duration: number) => ticksOf(duration * 60_000).map((tick) => tick / 60_000);
  expect(minutes(60)).toEqual([0, 10, 20, 30, 40, 50, 60]);
  expect(minutes(61)).toEqual([0, 10, 20, 30, 40, 50, 60]);
  expect(minutes(75)).toEqual([0, 15, 30, 45, 60, 75]);
  expect(minutes(1.5)).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]);
  for (const seconds of [0.001, 3, 59, 601, 7000, 90_000, 1e6, 1e8])
    expect(ticksOf(seconds * 1000).length).toBeLessThanOrEqual(8);
});

it("counts ticks from when the candidate came, and shows what was before with a minus", () => {
  const minute = 60_000;
  expect(ticksOf(60 * minute, 12 * minute).map((tick) => tick / minute - 12)).toEqual([
    -10, 0, 10, 20, 30, 40,
  ]);
  expect(ticksOf(60 * minute, 3000 * minute).every((tick) => tick >= 0)).toBe(true);
  const recording = { createdAt: START, startedAt: START + 12 * minute };
  expect(clockOf(recording, START + 26 * minute + 2000)).toBe("14:02");
  expect(clockOf(recording, START)).toBe("−12:00");
  expect(clockOf({ ...recording, startedAt: null }, START + 2000)).toBe("0:02");
});

it("tells lines of work apart, and knows one that is come back to", () => {
  const entries = [
    entry(1, 0, "edit"),
    entry(2, 10, "branch", { name: "Sorted?", from: 1 }, "ana"),
    entry(3, 20, "branch", { name: "Streams?", from: 2 }, "ana"),
    entry(4, 30, "branch", { name: "Sorted?", from: 3, resumes: 2 }, "ana"),
    entry(5, 40, "branch", { name: "", from: 4, resumes: 0 }, "ana"),
    entry(6, 50, "edit"),
  ];
  const branched = { ...recording, entries, notes: [] };
  expect(stretchesOf(branched).map(({ of, name }) => [of, name])).toEqual([
    [2, "Sorted?"],
    [3, "Streams?"],
    [2, "Sorted?"],
  ]);
  expect([1, 2, 3, 4, 5, 6].map((seq) => lineAt(branched, seq))).toEqual([0, 2, 3, 2, 0, 0]);
  expect(lineAt({ ...recording, notes: [] }, 3)).toBeNull();
});

it("shows how much each person typed when", () => {
  const [lane] = lanesOf(recording);
  expect(lane?.name).toBe("Zoë");
  expect(lane?.activity.length).toBe(BUCKETS);
  expect(lane?.activity.reduce((sum, share) => sum + share, 0)).toBe(2);
});

it("splits the time; the starter code is nobody's typing", () => {
  expect(timeSplit(recording)).toEqual({ typing: 1000, running: 3000, neither: 96_000 });
});

it("tells who left from whose connection was lost", () => {
  const entries = [
    entry(1, 0, "connection", { state: "lost", reason: "gone" }),
    entry(2, 0, "leave"),
    entry(3, 14, "join"),
    entry(4, 14, "connection", { state: "back", seconds: 14.2 }),
    entry(5, 20, "leave", {}, "ana"),
    entry(6, 30, "connection", { state: "lost", reason: "silent" }),
    entry(7, 30, "leave"),
  ];
  const marks = marksOf({ ...recording, entries, notes: [] });
  expect(marks.map(({ seq, kind, title }) => [seq, kind, title])).toEqual([
    [1, "lost", "lost the connection, back after 0:14"],
    [5, "leave", "left"],
    [6, "lost", "lost the connection"],
  ]);
});

it("marks where other tests pass than before", () => {
  const told = (seq: number, kind: "tests" | "test.result", anchor: number, data: object) => ({
    ...{ seq, kind, at: new Date(START).toISOString(), participant_id: "ana" },
    data: { name: "Ana", anchor, ...data },
  });
  const notes = [
    told(1, "tests", 7, { tests: [{ name: "", stdin: "", expected: "" }] }),
    told(2, "test.result", 2, { of: 1, results: [{ passed: true }] }),
    told(3, "test.result", 3, { of: 1, results: [{ passed: true }] }),
    told(4, "test.result", 6, { of: 1, results: [{ passed: false }] }),
  ];
  const marks = marksOf({ ...recording, notes }).filter(({ kind }) => kind === "tests");
  expect(marks.map(({ seq, turn, title }) => [seq, turn, title])).toEqual([
    [2, "All tests pass", "1 of 1 test passes"],
    [6, "Breaks", "0 of 1 test passes"],
  ]);
});

it("tells of the samples when they are tried first, all pass, and break again; the rest on request", () => {
  const tried = (seq: number, ...passed: boolean[]) =>
    entry(seq, seq, "samples", { results: passed.map((each) => ({ passed: each })) });
  const marks = marksOf({
    ...recording,
    entries: [
      entry(1, 1, "problem", { title: "Double it" }, null),
      tried(2, false, false),
      tried(3, true, false),
      tried(4, true, true),
      tried(5, true, true),
      tried(6, true, false),
      entry(7, 7, "problem", { title: "Another" }, null),
      tried(8, true),
    ],
  });
  const samples = marks.filter(({ kind }) => kind === "passed" || kind === "failed");
  expect(samples.map(({ kind, turn }) => [kind, turn])).toEqual([
    ["failed", "Samples tried"],
    ["failed", ""],
    ["passed", "All samples pass"],
    ["passed", ""],
    ["failed", "Breaks"],
    ["passed", "Samples tried · All samples pass"],
  ]);
  expect(samples.map(({ title }) => title)[1]).toBe("1 of 2 samples pass");
});
