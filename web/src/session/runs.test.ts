import { expect, it, describe as suite } from "vitest";
import type { RunSummary } from "../api";
import { describe, sizeAt, stepsAfter } from "./runs";

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
  sizes: [],
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

suite("the size of a terminal", () => {
  const chunk = (seq: number, text: string, stream: "stdout" | "stderr" = "stdout") => ({
    seq,
    text,
    stream,
  });
  const size = (seq: number, columns: number) => ({ seq, columns, rows: 24 });

  it("changes between what was printed before and after", () => {
    const output = [chunk(3, "a"), chunk(5, "b")];
    const sizes = [size(1, 80), size(4, 90), size(6, 100)];
    const run = ended({ output, sizes });
    const steps = (shown: { output: number; sizes: number }) =>
      stepsAfter(run, shown).map((step) => ("text" in step ? step.text : step.columns));
    expect(steps({ output: 0, sizes: 0 })).toEqual([80, "a", 90, "b", 100]);
    expect(steps({ output: 1, sizes: 1 })).toEqual([90, "b", 100]);
    expect(steps({ output: 2, sizes: 1 })).toEqual([90, 100]); // told late, it is changed late
    expect(steps({ output: 2, sizes: 3 })).toEqual([]);
  });

  it("says which text is an error's where the streams are apart", () => {
    const output = [chunk(2, "a"), chunk(3, "b", "stderr")];
    const steps = stepsAfter(ended({ output, terminal: false }), { output: 0, sizes: 0 });
    expect(steps.map((step) => "text" in step && step.isError)).toEqual([false, true]);
  });

  it("is none that no terminal has", () => {
    expect(sizeAt(7, { columns: 132, rows: 50 })).toEqual({ seq: 7, columns: 132, rows: 50 });
    for (const data of [
      null,
      undefined,
      {},
      { columns: 80 },
      { columns: "80", rows: 24 },
      { columns: 80.5, rows: 24 },
    ])
      expect(sizeAt(7, data)).toBeNull();
    expect(sizeAt(7, { columns: 501, rows: 24 })).toBeNull();
    expect(sizeAt(7, { columns: 1e9, rows: 1e9 })).toBeNull();
    expect(sizeAt(7, { columns: 1, rows: 24 })).toBeNull();
  });
});
