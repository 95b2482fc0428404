import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pulse } from "./pulse";

const ask = vi.fn();
const onSilence = vi.fn();
const onWake = vi.fn();
let pulse: Pulse;

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  pulse = new Pulse({ ask, onSilence, onWake });
  pulse.start();
});
afterEach(() => {
  pulse.stop();
  vi.useRealTimers();
});

describe("Pulse", () => {
  it("notices within five seconds that nothing comes any more, whenever that began", () => {
    for (const answeredFor of [0, 500, 1900, 2100, 7700]) {
      pulse.start();
      onSilence.mockClear();
      for (let ms = 0; ms < answeredFor; ms += 100) {
        pulse.heard();
        vi.advanceTimersByTime(100);
      }
      vi.advanceTimersByTime(4900);
      expect(onSilence).toHaveBeenCalled();
    }
  });

  it("is content while every question is answered", () => {
    ask.mockImplementation(() => setTimeout(() => pulse.heard(), 1500));
    pulse.start();
    vi.advanceTimersByTime(60_000);
    expect(onSilence).not.toHaveBeenCalled();
    expect(ask.mock.calls.length).toBeLessThanOrEqual(32);
  });

  it("takes a leap of the clock for sleep, not for silence", () => {
    vi.advanceTimersByTime(100);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(500);
    expect(onWake).toHaveBeenCalledTimes(1);
    expect(onSilence).not.toHaveBeenCalled();
  });
});
