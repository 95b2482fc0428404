import { expect, it } from "vitest";
import { goalOf } from "./tab-row";

it.each([
  ["ArrowRight", 0, 1],
  ["ArrowRight", 2, 0],
  ["ArrowLeft", 0, 2],
  ["ArrowLeft", 2, 1],
  ["Home", 2, 0],
  ["End", 0, 2],
  ["ArrowDown", 1, undefined],
  ["Enter", 1, undefined],
])("%s leads from %i of three tabs to %s", (key, at, goal) => {
  expect(goalOf(key, at, 3)).toBe(goal);
});

it("leads nowhere from beside the tabs", () => {
  expect(goalOf("Home", -1, 3)).toBeUndefined();
});
