/** How a run stands, for people. */
import type { RunSummary } from "../api";
import { t } from "../words";

/** The largest terminal that the server gives a program. */
export const MOST: TerminalSize = { columns: 500, rows: 300 };

const ACTIVE = new Set<RunSummary["status"]>(["queued", "compiling", "running"]);

export interface TerminalSize {
  columns: number;
  rows: number;
}

type Size = RunSummary["sizes"][number];

/** What becomes of a terminal: text is written, or it has another size. */
export type Step = Output | TerminalSize;

export interface Output {
  text: string;
  isError: boolean;
}

/** How much of a run a terminal shows. */
export interface Shown {
  output: number;
  sizes: number;
}

/** What is left to do on a terminal that shows so much of a run, in the order in which it happened. */
export function stepsAfter({ output, sizes, terminal }: RunSummary, shown: Shown): Step[] {
  const steps: Step[] = [];
  const left = sizes.slice(shown.sizes);
  for (const { seq, stream, text } of output.slice(shown.output)) {
    while (left[0] && left[0].seq < seq) steps.push(left.shift() as Size);
    steps.push({ text, isError: stream === "stderr" && !terminal });
  }
  return [...steps, ...left];
}

/** The size that an entry of the log tells of; null when it tells of none, or of one that no terminal has. */
export function sizeAt(seq: number, data: unknown): Size | null {
  const { columns, rows } = (data ?? {}) as Partial<Size>;
  const fits = (value: unknown, least: number, most: number): value is number =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  return fits(columns, 2, MOST.columns) && fits(rows, 1, MOST.rows) ? { seq, columns, rows } : null;
}

export function isActive(run: RunSummary | null): boolean {
  return run !== null && ACTIVE.has(run.status);
}

/** Return how a run stands, in a sentence a candidate understands. */
export function describe(run: RunSummary): {
  text: string;
  tone: "good" | "bad" | "warn" | "muted";
} {
  const time = run.duration_ms === null ? "" : ` · ${t.tookMs(run.duration_ms)}`;
  switch (run.status) {
    case "queued":
      return {
        tone: "muted",
        text: run.queue_position ? t.runs.waiting(run.queue_position) : t.runs.starting,
      };
    case "compiling":
      return { tone: "muted", text: t.runs.compiling };
    case "running":
      return { tone: "warn", text: t.runs.running };
    case "exited":
      if (run.signal)
        return {
          tone: "bad",
          text: `${t.runs.signals[run.signal] ?? t.runs.endedBy(run.signal)}${time}`,
        };
      return {
        tone: run.exit_code === 0 ? "good" : "bad",
        text: `${t.runs.exited(run.exit_code)}${time}`,
      };
    case "compile_error":
      return { tone: "bad", text: t.runs.compileError };
    case "timeout":
      return { tone: "bad", text: t.runs.timeout };
    case "memory":
      return { tone: "bad", text: t.runs.memory };
    case "output_limit":
      return { tone: "bad", text: t.runs.outputLimit };
    case "stopped":
      return { tone: "muted", text: `${t.runs.stopped}${run.duration_ms ? time : ""}` };
    case "sandbox_error":
      return { tone: "warn", text: t.runs.sandboxError };
  }
}
