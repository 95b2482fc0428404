/** How a run stands, for people. */
import type { RunSummary } from "../api";
import { t } from "../words";

const ACTIVE = new Set<RunSummary["status"]>(["queued", "compiling", "running"]);

export interface TerminalSize {
  columns: number;
  rows: number;
}

export function isActive(run: RunSummary | null): boolean {
  return run !== null && ACTIVE.has(run.status);
}

/** Return how a run stands, in a sentence a candidate understands. */
export function describe(run: RunSummary): { text: string; tone: "good" | "bad" | "warn" | "muted" } {
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
        return { tone: "bad", text: `${t.runs.signals[run.signal] ?? t.runs.endedBy(run.signal)}${time}` };
      return { tone: run.exit_code === 0 ? "good" : "bad", text: `${t.runs.exited(run.exit_code)}${time}` };
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
