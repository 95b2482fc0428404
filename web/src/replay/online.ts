/** What can be done with a server behind a player; a file that plays offline has none. */
import type { RunSummary } from "../api";

export interface Online {
  isLive: boolean;
  /** Whether the tests of the program can be read and changed. */
  canTest: boolean;
  runAt: ((seq: number, stdin: string) => Promise<RunSummary>) | null;
  /** Ask a follow-up question: everybody goes on with the code of this instant. */
  askFrom: ((seq: number, question: string) => Promise<void>) | null;
}
