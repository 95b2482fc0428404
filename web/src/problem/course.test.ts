import { expect, it } from "vitest";
import type { TimelineEntry } from "../api";
import { Course } from "./course";

const entry = (seq: number, kind: string, data: Record<string, unknown>) =>
  ({ seq, kind, data }) as unknown as TimelineEntry;
const course = (...entries: TimelineEntry[]) => new Course(entries);
const folders = (of: Course, ...at: number[]) => at.map((seq) => of.at(seq)?.folder ?? null);

const FIRST = entry(2, "problem", { folder: "" });
const SECOND = entry(10, "problem", { folder: "bee/" });

it("is about the question that was given last", () => {
  expect(folders(course(FIRST, SECOND), 1, 2, 9, 10, 99)).toEqual([null, "", "", "bee/", "bee/"]);
});

it("comes back from a branch to the question that was left", () => {
  const asked = entry(6, "branch", { from: 5 });
  const back = entry(15, "branch", { from: 14, resumes: 0 });
  const again = entry(20, "branch", { from: 19, resumes: 6 });
  const whole = course(FIRST, asked, SECOND, back, again);
  expect(folders(whole, 7, 12, 16, 20)).toEqual(["", "bee/", "", "bee/"]);
  expect(folders(course(asked, SECOND, back), 16)).toEqual([null]);
  expect(
    folders(course(FIRST, SECOND, entry(30, "branch", { from: 7, resumes: "x" })), 31),
  ).toEqual([""]);
});

it("knows which question tests are of", () => {
  const whole = course(FIRST, SECOND);
  expect(whole.ofTests({ problem: 2, anchor: 12 })?.folder).toBe("");
  expect(whole.ofTests({ problem: 0, anchor: 12 })).toBeNull();
  expect(whole.ofTests({ anchor: 9, judge: {} })?.folder).toBe("bee/");
  expect(whole.ofTests({ anchor: 9 })?.folder).toBe("");
});
