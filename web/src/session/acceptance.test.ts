import { expect, test } from "vitest";
import { enterTakes } from "./acceptance";

const offer = { typed: "", offered: "", chosen: false, settled: true };

test.each([
  ["the rest of a word", { typed: "enume", offered: "enumerate" }, true],
  ["the rest of a constant", { typed: "MAX_VAL", offered: "MAX_VALUE" }, true],
  ["nothing of it typed yet", { typed: "", offered: "False" }, false],
  ["as it is", { typed: "pass", offered: "pass" }, false],
  ["as it is, though chosen", { typed: "pass", offered: "pass", chosen: true }, false],
  ["another, chosen with an arrow", { typed: "ra", offered: "range", chosen: true }, true],
  ["a snippet, chosen with an arrow", { typed: "fo", offered: null, chosen: true }, true],
  ["a snippet that came first", { typed: "whi", offered: null }, false],
  ["so short that it may be a name", { typed: "re", offered: "return" }, false],
  ["a word of a longer name", { typed: "length", offered: "lengthOfList" }, false],
  ["a word of a name in snake case", { typed: "max", offered: "max_profit" }, false],
  ["something that only resembles it", { typed: "none", offered: "None" }, false],
  ["while an answer is still out", { typed: "enume", offered: "enumerate", settled: false }, false],
])("Enter on %s", (_what, change, takes) => {
  expect(enterTakes({ ...offer, ...change })).toBe(takes);
});
