/** The clock counts on from what the server said, whatever this computer's own says. */
import { expect, it } from "vitest";
import { secondsOf, stepAt } from "./told-clock";

const clock = {
  seconds: 842,
  minutes: 60,
  shown: false,
  steps: [
    { name: "Warm-up", minutes: 10 },
    { name: "Problem", minutes: 30 },
  ],
};

it("counts on from the server's seconds", () => {
  expect(secondsOf({ clock, at: 1000 }, 3500)).toBe(844.5);
  expect(secondsOf({ clock, at: 1000 }, 0)).toBe(842);
  expect(secondsOf({ clock: { ...clock, seconds: null }, at: 1000 }, 3500)).toBeNull();
});

it("knows which part should be on", () => {
  expect([0, 599, 600, 2399, 2400].map((seconds) => stepAt(clock, seconds))).toEqual([
    ...["Warm-up", "Warm-up", "Problem", "Problem"],
    null,
  ]);
});
