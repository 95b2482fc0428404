import { describe, expect, it } from "vitest";
import { delayBefore } from "./backoff";

describe("delayBefore", () => {
  it("doubles up to ten seconds and goes on for ever", () => {
    const longest = [1, 2, 3, 6, 7, 1000].map((attempt) => delayBefore(attempt, null, () => 1));
    expect(longest).toEqual([200, 400, 800, 6400, 10_000, 10_000]);
  });

  it("is spread over half of itself", () => {
    expect(delayBefore(3, null, () => 0)).toBe(400);
    expect(delayBefore(3, null, () => 1)).toBe(800);
  });

  it("spreads a crowd that was sent away at the same moment over a second", () => {
    expect(delayBefore(1, 1012, () => 0)).toBe(500);
    expect(delayBefore(1, 1012, () => 1)).toBe(1000);
  });
});
