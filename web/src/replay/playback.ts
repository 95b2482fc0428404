/** Playing: what the clock of a recording shows while it runs. No timers here, so that a test can move the time. */
import type { Tape } from "./tape";

export const SPEEDS = [1, 2, 4, 8, 16, 32] as const;
/** Longer pauses are cut to this when they are skipped. */
export const PAUSE_MS = 2000;

/** Where playing is after `elapsed` milliseconds, having been at `time` in the recording. */
export function advance(
  tape: Tape,
  time: number,
  elapsed: number,
  speed: number,
  skipPauses: boolean,
): number {
  const { end } = tape;
  let next = time + elapsed * speed;
  if (skipPauses) {
    const seq = tape.seqAt(time);
    const coming = seq < tape.length ? tape.timeOf(seq + 1) : end;
    // Nothing happens for a while: wait a moment, then go on where something does.
    if (coming - time > PAUSE_MS) next = Math.max(next, coming - PAUSE_MS);
  }
  return Math.min(next, end);
}
