import { expect, it } from "vitest";
import type { TimelineEntry } from "../api";
import { Playhead } from "./playhead";
import type { Recording } from "./recording";
import { Tape } from "./tape";

const START = Date.parse("2026-11-24T09:00:00Z");
const entry = (seq: number, second: number, kind: string, data: object = {}) =>
  ({
    seq,
    at: new Date(START + second * 1000).toISOString(),
    kind,
    participant_id: "zoe",
    data,
  }) as TimelineEntry;
const recording: Recording = {
  ...{
    sessionId: "s",
    title: "t",
    language: "python",
    createdAt: START,
    startedAt: null,
    people: [],
    notes: [],
  },
  entries: [entry(1, 0, "join"), entry(2, 1091, "cursor"), entry(3, 2000, "leave")],
};
const at = (hash: string) => {
  const playhead = new Playhead(new Tape(recording), hash);
  return [playhead.scene.get().seq, (playhead.time.get() - START) / 1000, playhead.hash];
};

it("stands at instants between two entries, and its address leads back there", () => {
  expect(at("#t=2&at=1681")).toEqual([2, 1681, "#t=2&at=1681.0"]);
  expect(at("#t=2")).toEqual([2, 1091, "#t=2"]);
  expect(at("#t=2&at=9999")).toEqual([2, 2000, "#t=2&at=2000.0"]); // what comes next is not shown there
  expect(at("")).toEqual([3, 2000, "#t=3"]);
  expect(at("#t=99")).toEqual([3, 2000, "#t=3"]);
});

it("moves its clock in a silence, and its scene where something happened", () => {
  const playhead = new Playhead(new Tape(recording), "#t=2");
  const scene = playhead.scene.get();
  playhead.goTo(START + 1_500_000);
  expect(playhead.scene.get()).toBe(scene);
  playhead.goTo(START + 2_000_000);
  expect(playhead.scene.get().seq).toBe(3);
  expect(playhead.isAtEnd).toBe(true);
});
