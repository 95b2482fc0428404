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

it("splits the time", () => {
  expect(timeSplit(recording)).toEqual({ typing: 2000, running: 3000, idle: 95_000 });
});
