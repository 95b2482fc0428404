/** How a run stands, for people. */
import type { RunSummary } from "../api";

const ACTIVE = new Set<RunSummary["status"]>(["queued", "compiling", "running"]);

export interface TerminalSize {
  columns: number;
  rows: number;
}

export function isActive(run: RunSummary | null): boolean {
  return run !== null && ACTIVE.has(run.status);
}

const SIGNALS: Record<string, string> = {
  SIGSEGV: "crashed: it touched memory that is not its own (SIGSEGV)",
  SIGABRT: "gave up: abort was called (SIGABRT)",
  SIGFPE: "crashed: impossible arithmetic, such as a division by zero (SIGFPE)",
  SIGILL: "crashed: an impossible instruction (SIGILL)",
  SIGBUS: "crashed: it touched memory that is not there (SIGBUS)",
  SIGINT: "interrupted by ^C",
  SIGTERM: "asked to end (SIGTERM)",
  SIGKILL: "was killed (SIGKILL)",
  SIGPIPE: "wrote to something that was closed (SIGPIPE)",
  SIGXFSZ: "wrote a file that is too large (SIGXFSZ)",
};

/** Return how a run stands, in a sentence a candidate understands. */
export function describe(run: RunSummary): { text: string; tone: "good" | "bad" | "warn" | "muted" } {
  const time = run.duration_ms === null ? "" : ` · ${run.duration_ms} ms`;
  switch (run.status) {
    case "queued":
      return {
        tone: "muted",
        text: run.queue_position ? `waiting, place ${run.queue_position}` : "starting",
      };
    case "compiling":
      return { tone: "muted", text: "compiling" };
    case "running":
      return { tone: "warn", text: "running" };
    case "exited":
      if (run.signal)
        return { tone: "bad", text: `${SIGNALS[run.signal] ?? `ended by ${run.signal}`}${time}` };
      return { tone: run.exit_code === 0 ? "good" : "bad", text: `exited ${run.exit_code}${time}` };
    case "compile_error":
      return { tone: "bad", text: "did not compile" };
    case "timeout":
      return { tone: "bad", text: "ran too long and was stopped" };
    case "memory":
      return { tone: "bad", text: "used too much memory and was stopped" };
    case "output_limit":
      return { tone: "bad", text: "printed too much and was stopped" };
    case "stopped":
      return { tone: "muted", text: `stopped${run.duration_ms ? time : ""}` };
    case "sandbox_error":
      return { tone: "warn", text: "could not be run: not your program's fault" };
  }
}
