import { expect, it } from "vitest";
import { assignColors, colorOf } from "./colors";

it("gives six people six colours, and those who were here first keep theirs", () => {
  const people = Array.from({ length: 6 }, (_, index) => `person ${index}`);
  assignColors(people.slice(0, 3));
  const before = people.slice(0, 3).map(colorOf);
  assignColors(people);
  expect(new Set(people.map(colorOf)).size).toBe(6);
  expect(people.slice(0, 3).map(colorOf)).toEqual(before);
});
