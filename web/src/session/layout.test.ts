import { expect, it } from "vitest";
import { readLayout } from "./layout";

it("keeps what makes sense and forgets the rest", () => {
  expect(readLayout(null)).toEqual({ side: 330, output: 260 });
  expect(readLayout('{"side": 400, "output": 5}')).toEqual({ side: 400, output: 110 });
  expect(readLayout('{"side": "wide", "output": null}')).toEqual({ side: 330, output: 260 });
  expect(readLayout("not json")).toEqual({ side: 330, output: 260 });
  expect(readLayout("null")).toEqual({ side: 330, output: 260 });
});
