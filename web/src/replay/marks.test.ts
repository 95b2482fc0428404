import { expect, it } from "vitest";
import type { TimelineEntry } from "../api";
import { BUCKETS, lanesOf, marksOf, timeSplit } from "./marks";
import type { Recording } from "./tape";

const START = Date.parse("2026-11-24T09:00:00Z");
const entry = (seq: number, second: number, kind: string, data: object = {}, who: string | null = "zoe") =>
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

it("marks what happened, notes at the instant they are about", () => {
  expect(marksOf(recording).map(({ seq, kind, offset }) => [seq, kind, offset])).toEqual([
    [5, "failed", 23_000],
    [5, "note", 23_000],
    [6, "paste", 24_000],
    [7, "language", 100_000],
  ]);
  expect(marksOf(recording)[0]?.participantId).toBe("zoe"); // who ran it, not who noted its end
});

it("shows how much each person typed when", () => {
  const [lane] = lanesOf(recording);
  expect(lane?.name).toBe("Zoë");
  expect(lane?.activity.length).toBe(BUCKETS);
  expect(lane?.activity.reduce((sum, share) => sum + share, 0)).toBe(2);
});

it("splits the time; the starter code is nobody's typing", () => {
  expect(timeSplit(recording)).toEqual({ typing: 1000, running: 3000, idle: 96_000 });
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
  expect(marks.map(({ seq, kind, text }) => [seq, kind, text])).toEqual([
    [1, "lost", "back after 0:14"],
    [5, "leave", ""],
    [6, "lost", ""],
  ]);
});

it("marks where other tests pass than before", () => {
  const note = (seq: number, kind: "tests" | "test.result", anchor: number, data: object) => ({
    ...{ seq, kind, at: new Date(START).toISOString(), participant_id: "ana" },
    data: { name: "Ana", anchor, ...data },
  });
  const notes = [
    note(1, "tests", 7, { tests: [{ name: "", stdin: "", expected: "" }] }),
    note(2, "test.result", 2, { of: 1, results: [{ passed: true }] }),
    note(3, "test.result", 3, { of: 1, results: [{ passed: true }] }),
    note(4, "test.result", 6, { of: 1, results: [{ passed: false }] }),
  ];
  const marks = marksOf({ ...recording, notes }).filter(({ kind }) => kind === "tests");
  expect(marks.map(({ seq, text }) => [seq, text])).toEqual([
    [2, "1 of 1 pass"],
    [6, "0 of 1 pass"],
  ]);
});
