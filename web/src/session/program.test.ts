/** A run as one window has it: what it sends, whose size counts, and what it makes of what the server tells. */
import { beforeEach, expect, it } from "vitest";
import type { ClientMessage, RunSummary } from "../api";
import { Program } from "./program";

const WIDE = { columns: 100, rows: 30 };
const run = (change: Partial<RunSummary> = {}): RunSummary => ({
  run_id: "r1",
  status: "queued",
  language: "python",
  path: "main.py",
  participant_id: "me",
  started_at: "2026-11-22T09:30:00Z",
  exit_code: null,
  signal: null,
  duration_ms: null,
  memory_kb: null,
  detail: null,
  compile_ms: null,
  terminal: true,
  diagnostics: [],
  queue_position: null,
  output: [],
  sizes: [{ seq: 4, columns: 80, rows: 24 }],
  ...change,
});
const warning = { path: "main.py", line: 1, column: 1, severity: "warning", message: "unused" };
const outputOf = (program: Program) => program.run.get()?.output.map(({ text }) => text);
let sent: ClientMessage[];
let asked: ClientMessage[];
let program: Program;

beforeEach(() => {
  sent = [];
  asked = [];
  program = new Program(
    (message) => sent.push(message),
    (message) => asked.push(message),
    (person) => person === "me",
  );
});

const tell = (message: object) => program.hear(message as Parameters<Program["hear"]>[0]);

it("starts with the size of this window and takes the keyboard unless all its input is given", () => {
  program.resize(WIDE);
  program.start("main.py", null);
  expect(sent).toEqual([
    { type: "run.start", path: "main.py", stdin: null, terminal: WIDE, if_running: "replace" },
  ]);
  expect(program.focusTerminal).toBe(true);
  program.start(null, "3 4");
  expect(program.focusTerminal).toBe(false);
});

it("sends the size again when the window changed while the server had not answered", () => {
  program.start("main.py", null);
  program.resize(WIDE);
  expect(sent).toHaveLength(1);
  tell({ type: "run.started", run: run() });
  expect(sent[1]).toEqual({ type: "run.resize", run_id: "r1", size: WIDE });
});

it("sends the size again when the window changed without a connection", () => {
  program.start("main.py", null);
  tell({ type: "run.started", run: run() });
  program.resize(WIDE); // which nobody hears
  program.begin(run({ status: "running" }));
  expect(sent.slice(2)).toEqual([{ type: "run.resize", run_id: "r1", size: WIDE }]);
  program.begin(
    run({
      status: "running",
      sizes: [
        { seq: 4, columns: 80, rows: 24 },
        { seq: 7, ...WIDE },
      ],
    }),
  );
  program.begin(run({ status: "exited" }));
  program.begin(run({ run_id: "r2", status: "running" }));
  expect(sent).toHaveLength(3);
});

it("leaves the size of somebody else's run alone, and of one's own in another window", () => {
  for (const participant_id of ["other", "me"]) {
    tell({ type: "run.started", run: run({ participant_id, status: "running" }) });
    program.resize(WIDE);
    program.resize({ columns: 70, rows: 20 });
  }
  expect(sent).toEqual([]);
});

it("takes another's run that came first for no answer to one's own", () => {
  program.start("main.py", null);
  tell({ type: "run.started", run: run({ run_id: "r0", participant_id: "other" }) });
  tell({ type: "run.started", run: run({ status: "running" }) });
  program.resize(WIDE);
  expect(sent[1]).toEqual({ type: "run.resize", run_id: "r1", size: WIDE });
});

it("types only into what runs, and stops whatever is shown: who cannot be heard is told", () => {
  program.type("a");
  program.stop();
  expect(asked).toEqual([]);
  program.begin(run({ status: "running" }));
  program.type("b");
  tell({ type: "run.ended", run_id: "r1", status: "exited", diagnostics: [] });
  program.type("c");
  program.stop();
  expect(asked).toEqual([
    { type: "run.input", run_id: "r1", text: "b" },
    { type: "run.stop", run_id: "r1" },
  ]);
});

it("shows each chunk and each size once, however often it is told", () => {
  program.begin(run({ output: [{ seq: 5, stream: "stdout", text: "a" }] }));
  for (const [seq, text] of [
    [5, "a"],
    [6, "b"],
    [6, "b"],
  ])
    tell({ type: "run.output", run_id: "r1", chunk: { seq, stream: "stdout", text } });
  for (const seq of [4, 7, 7]) tell({ type: "run.resized", run_id: "r1", size: { seq, ...WIDE } });
  expect(outputOf(program)).toEqual(["a", "b"]);
  expect(program.run.get()?.sizes.map(({ seq }) => seq)).toEqual([4, 7]);
});

it("passes over what is told of a run that another one replaced", () => {
  program.begin(run({ run_id: "r2" }));
  tell({ type: "run.output", run_id: "r1", chunk: { seq: 9, stream: "stdout", text: "late" } });
  tell({ type: "run.progress", run_id: "r1", status: "running", queue_position: null });
  tell({ type: "run.ended", run_id: "r1", status: "exited", diagnostics: [warning] });
  tell({ type: "run.checked", run_id: "r1", diagnostics: [warning] });
  expect(program.run.get()).toEqual(run({ run_id: "r2" }));
  expect(program.diagnostics.get()).toEqual([]);
});

it("keeps what compilers say with the file it is about, whatever that is called", () => {
  program.begin(run());
  tell({ type: "run.checked", run_id: "r1", diagnostics: [warning] });
  program.rename(new Map([["main.py", "solution.py"]]));
  expect(program.diagnostics.get().map(({ path }) => path)).toEqual(["solution.py"]);
  tell({ type: "diagnostics", language: "python", diagnostics: [] });
  expect(program.diagnostics.get()).toEqual([]);
});
