/** The interview's clock, counted on from what the server told. Its seconds are the server's. */
import type { Clock } from "../api";

/** A clock as the server told it, and when that was by this window's own time, which nobody sets. */
export interface ToldClock {
  clock: Clock;
  at: number;
}

/** Seconds since the candidate joined; null before. */
export function secondsOf({ clock, at }: ToldClock, now = performance.now()): number | null {
  return clock.seconds === null ? null : clock.seconds + Math.max(0, now - at) / 1000;
}

/** The part of the interview that should be on. */
export function stepAt(clock: Clock, seconds: number): string | null {
  let end = 0;
  for (const { name, minutes } of clock.steps) {
    end += minutes * 60;
    if (seconds < end) return name;
  }
  return null;
}
