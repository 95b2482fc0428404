import { expect, it } from "vitest";
import { MOST, read } from "./own";

it("reads what this browser kept, and nothing that is no case", () => {
  expect(read(null)).toEqual([]);
  expect(read("no JSON")).toEqual([]);
  expect(read('{"input": "1"}')).toEqual([]);
  expect(
    read('[{"input": "1", "expected": "2"}, {"input": "3"}, {"input": 4}, null, "x"]'),
  ).toEqual([
    { input: "1", expected: "2" },
    { input: "3", expected: null },
  ]);
  expect(read(JSON.stringify(Array(99).fill({ input: "" })))).toHaveLength(MOST);
});
