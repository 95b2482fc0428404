import { expect, test } from "vitest";
import { placeOf } from "./lanes";

test.each([
  [0, 1000, "0.000%"],
  [250, 1000, "25.000%"],
  [1000, 1000, "100.000%"],
  [-3_600_000, 1000, "0.000%"], // the clock was set back an hour
  [3_600_000, 1000, "100.000%"], // or forward
  [0, 0, "0.000%"],
])("an instant at %d of %d stands inside the bar", (offset, duration, place) => {
  expect(placeOf(offset, duration)).toBe(place);
});
