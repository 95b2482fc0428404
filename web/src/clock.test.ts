import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { hearClock, hearDate, serverNow } from "./clock";

const REAL = Date.parse("2026-11-28T12:00:00.250Z");
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("goes by the server, whatever this computer's clock says and is set to", () => {
  vi.setSystemTime(REAL + 7 * 60_000);
  hearDate(new Date(REAL).toUTCString());
  expect(Math.abs(serverNow() - REAL)).toBeLessThan(1000);
  hearClock(new Date(REAL).toISOString());
  expect(serverNow()).toBe(REAL);
  hearDate(new Date(REAL).toUTCString()); // coarser: what is known better stays
  hearDate(null);
  hearClock("nonsense");
  expect(serverNow()).toBe(REAL);
  vi.setSystemTime(REAL - 3_600_000);
  hearClock(new Date(REAL).toISOString());
  expect(serverNow()).toBe(REAL);
});
