/** The server's clock, as far as this page knows it: this computer's own may be wrong, or be set while it is open. */

/** A date in a header has no fractions. */
const COARSE_MS = 2000;
let ahead = 0;

/** What time it is for the server, in milliseconds; never compare an instant that it names with `Date.now()`. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** The server has said what time it is, a moment ago. */
export function hearClock(instant: string): void {
  const said = Date.parse(instant);
  if (!Number.isNaN(said)) ahead = said - Date.now();
}

/** The same from a header: it corrects only what a message has not told better. */
export function hearDate(header: string | null): void {
  const said = Date.parse(header ?? "");
  if (Math.abs(said - serverNow()) > COARSE_MS) ahead = said - Date.now();
}
