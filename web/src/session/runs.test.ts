import { expect, it, describe as suite } from "vitest";
import type { RunSummary } from "../api";
import { describe } from "./runs";

const ended = (change: Partial<RunSummary>): RunSummary => ({
  run_id: "r",
  status: "exited",
  language: "python",
  path: "main.py",
  participant_id: null,
  started_at: "2026-11-22T09:30:00Z",
  exit_code: 0,
  signal: null,
  duration_ms: 41,
  memory_kb: 8000,
  detail: null,
  compile_ms: null,
  terminal: true,
  diagnostics: [],
  queue_position: null,
  output: [],
  ...change,
});

suite("describe", () => {
  it("tells success from failure", () => {
    expect(describe(ended({}))).toEqual({ tone: "good", text: "exited 0 · 41 ms" });
    expect(describe(ended({ exit_code: 1 })).tone).toBe("bad");
    expect(describe(ended({ exit_code: null, signal: "SIGSEGV" })).text).toMatch(
      /^crashed: .*SIGSEGV.* 41 ms$/,
    );
  });

  it("never blames a program for the platform", () => {
    expect(describe(ended({ status: "sandbox_error" })).text).toContain("not your program's fault");
  });
});
