import { expect, it } from "vitest";
import { readLayout } from "./layout";

it("keeps what makes sense and forgets the rest", () => {
  expect(readLayout(null)).toEqual({ problem: 320, side: 364, output: 260, replay: 112 });
  expect(readLayout('{"side": 400, "output": 5}')).toEqual({
    problem: 320,
    side: 400,
    output: 110,
    replay: 112,
  });
  expect(readLayout('{"side": "wide", "output": null}')).toEqual({
    problem: 320,
    side: 364,
    output: 260,
    replay: 112,
  });
  expect(readLayout("not json")).toEqual({ problem: 320, side: 364, output: 260, replay: 112 });
  expect(readLayout("null")).toEqual({ problem: 320, side: 364, output: 260, replay: 112 });
});
