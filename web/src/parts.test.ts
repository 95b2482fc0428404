import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetched, fetchMissing } from "./parts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a part whose fetch failed", () => {
  it("is fetched again by and by, and says so meanwhile", async () => {
    const load = vi
      .fn()
      .mockRejectedValueOnce(new Error())
      .mockRejectedValueOnce(new Error())
      .mockResolvedValue(7);
    const missing = vi.fn();
    const part = fetched(load, missing);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await part).toBe(7);
    expect(missing.mock.calls).toEqual([[1], [2]]);
  });

  it("is fetched at once when the connection is back", async () => {
    const load = vi.fn().mockRejectedValueOnce(new Error()).mockResolvedValue(7);
    const part = fetched(load, vi.fn());
    await vi.advanceTimersByTimeAsync(1);
    expect(load).toHaveBeenCalledTimes(1);
    fetchMissing();
    expect(await part).toBe(7);
  });
});
