/** When each test first passed, and when it broke: which instants are tried, and what comes of it. */
import type { RunSummary } from "../api";
import type { Recording } from "./tape";

/** More instants than that are not tried: beside the runs, as many as fit between them, evenly. */
const MOST = 40;

export interface TestCase {
  input: string;
  expected: string;
}

export interface Attempt {
  seq: number;
  test: number;
  passed: boolean;
}

/** The instants of the runs, the end, and some between, in order. */
export function instantsToTry({ entries }: Recording): number[] {
  const runs = entries
    .filter(({ kind }) => kind === "run.started")
    .map(({ seq, data }) => Number(data.at ?? seq));
  const end = entries.length;
  const wanted = new Set([...runs.slice(-(MOST - 1)), end]);
  const step = end / Math.max(1, MOST - wanted.size);
  for (let at = step; wanted.size < Math.min(MOST, end); at += step) {
    if (at > end) break;
    wanted.add(Math.max(1, Math.round(at)));
  }
  return [...wanted].filter((seq) => seq >= 1).sort((one, other) => one - other);
}

/** Whether a run printed what a test expects; spaces at the ends of lines and of the text do not count. */
export function outcomeOf(run: RunSummary, expected: string): boolean {
  if (run.status !== "exited" || run.exit_code !== 0) return false;
  const printed = run.output
    .filter(({ stream }) => stream === "stdout")
    .map(({ text }) => text)
    .join("");
  return trimmed(printed) === trimmed(expected);
}

function trimmed(text: string): string {
  return text.replace(/[ \t\r]+$/gm, "").trim();
}

export function firstPassed(attempts: readonly Attempt[]): number | null {
  return attempts.find(({ passed }) => passed)?.seq ?? null;
}

/** Where it went from passing to failing for the last time. */
export function lastBroke(attempts: readonly Attempt[]): number | null {
  const at = attempts.findLastIndex(({ passed }, index) => !passed && attempts[index - 1]?.passed === true);
  return attempts[at]?.seq ?? null;
}
