import { expect, it } from "vitest";
import type { RunSummary, TimelineEntry } from "../api";
import { firstPassed, instantsToTry, lastBroke, outcomeOf } from "./curve";
import type { Recording } from "./tape";

const recording = (kinds: string[]): Recording => ({
  sessionId: "s",
  title: "t",
  language: "python",
  createdAt: 0,
  people: [],
  notes: [],
  entries: kinds.map(
    (kind, index) =>
      ({
        seq: index + 1,
        at: "",
        kind,
        participant_id: null,
        data: { at: index },
      }) as unknown as TimelineEntry,
  ),
});

it("tries the code of every run, the end, and instants between", () => {
  const many = instantsToTry(
    recording(Array.from({ length: 1000 }, (_, at) => (at === 700 ? "run.started" : "edit"))),
  );
  expect(many).toContain(700);
  expect(many.at(-1)).toBe(1000);
  expect(many.length).toBeLessThanOrEqual(40);
  expect(many).toEqual([...many].sort((one, other) => one - other));
  expect(instantsToTry(recording(["edit", "edit"]))).toEqual([1, 2]);
});

it("compares what was printed", () => {
  const run = (status: string, exit_code: number | null, ...texts: string[]) =>
    ({
      status,
      exit_code,
      output: texts.map((text) => ({ seq: 1, stream: "stdout", text })),
    }) as unknown as RunSummary;
  expect(outcomeOf(run("exited", 0, "4", "2 \r\n"), "42\n")).toBe(true);
  expect(outcomeOf(run("exited", 1, "42"), "42")).toBe(false);
  expect(outcomeOf(run("timeout", null, "42"), "42")).toBe(false);
  expect(outcomeOf(run("exited", 0, "4 2"), "42")).toBe(false);
});

it("finds when a test first passed and when it broke", () => {
  const of = (...passed: boolean[]) =>
    passed.map((each, index) => ({ seq: index + 1, test: 0, passed: each }));
  expect(firstPassed(of(false, true, true))).toBe(2);
  expect(firstPassed(of(false))).toBeNull();
  expect(lastBroke(of(false, true, false, true, false, false))).toBe(5);
  expect(lastBroke(of(false, true))).toBeNull();
});
