/** How long to wait before the next attempt to connect. */

const FIRST_MS = 200;
const LONGEST_MS = 10_000;

/** Codes by which a server says "not now": everybody hears them at once, so everybody comes back at another moment. */
const EVERYBODY_AT_ONCE = new Set([1001, 1012, 1013]);

/**
 * Return milliseconds to wait before attempt number `attempt` (from 1), without end: it doubles up to ten seconds and is
 * spread over half of itself, so that a crowd does not come back in step.
 */
export function delayBefore(
  attempt: number,
  closeCode: number | null,
  random: () => number = Math.random,
): number {
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  const base =
    closeCode !== null && EVERYBODY_AT_ONCE.has(closeCode) ? Math.max(grown, 1000) : grown;
  return base * (0.5 + random() / 2);
}
