import { expect, it } from "vitest";
import { reportIn } from "./reported";

it("has a test's message as it was reported", () => {
  expect(reportIn("failed: AssertionError: 0 != 3")).toEqual({
    how: "failed",
    message: "AssertionError: 0 != 3",
  });
  expect(reportIn("error: a\nb: c")).toEqual({ how: "error", message: "a\nb: c" });
  expect(reportIn("skipped")).toEqual({ how: "skipped", message: "" });
  for (const got of ["", "passed", "failedly", "failed at it"]) expect(reportIn(got)).toBeNull();
});
