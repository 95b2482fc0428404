/** The session's program as this window has it: the run that is shown, its terminal, and what compilers say of it. */
import type { ClientMessage, Diagnostic, RunSummary, ServerMessage } from "../api";
import { skip } from "../kinds";
import { Observable } from "../observable";
import { isActive, type TerminalSize } from "./runs";

export type ProgramMessage = Extract<
  ServerMessage,
  { type: `run.${string}` } | { type: "diagnostics" }
>;

type Chunk = RunSummary["output"][number];
type Size = RunSummary["sizes"][number];

export class Program {
  readonly run = new Observable<RunSummary | null>(null);
  /** What the compiler says about the program as it is, or was when it ran last. */
  readonly diagnostics = new Observable<Diagnostic[]>([]);
  /** Whether the next run should take the keyboard: it does when it was started by hand here. */
  focusTerminal = false;
  #terminal: TerminalSize = { columns: 80, rows: 24 };
  /** The run that was started in this window, which decides on its size; "next" while the server has not answered. */
  #startedHere: string | null = null;

  constructor(
    private readonly send: (message: ClientMessage) => void,
    /** The same, and whoever wants it is told where that cannot be. */
    private readonly ask: (message: ClientMessage) => void,
    private readonly isMe: (participantId: string | null) => boolean,
  ) {}

  /** Run the file at `path`; `stdin`: all of its input, instead of what people type. */
  start(path: string | null, stdin: string | null): void {
    this.focusTerminal = stdin === null;
    this.#startedHere = "next";
    this.send({ type: "run.start", path, stdin, terminal: this.#terminal, if_running: "replace" });
  }

  type(text: string): void {
    const run = this.run.get();
    if (run && isActive(run)) this.ask({ type: "run.input", run_id: run.run_id, text });
  }

  /** The size that its terminal would have in this window. */
  resize(size: TerminalSize): void {
    const { columns, rows } = this.#terminal;
    this.#terminal = size;
    const run = this.run.get();
    const changes = columns !== size.columns || rows !== size.rows;
    if (changes && run?.run_id === this.#startedHere && isActive(run))
      this.send({ type: "run.resize", run_id: run.run_id, size });
  }

  stop(): void {
    const run = this.run.get();
    if (run) this.ask({ type: "run.stop", run_id: run.run_id });
  }

  /** Begin with the run that was there before this window, or is after a time without a connection. */
  begin(run: RunSummary | null): void {
    this.run.set(run);
    this.diagnostics.set(run?.diagnostics ?? []);
    if (run && isActive(run)) this.#tellSize(run);
  }

  hear(message: ProgramMessage): void {
    switch (message.type) {
      case "run.started":
        this.run.set(message.run);
        this.#onStarted(message.run);
        break;
      case "run.progress":
        this.#change(message.run_id, {
          status: message.status,
          queue_position: message.queue_position,
        });
        break;
      case "run.output":
        this.#print(message.run_id, message.chunk);
        break;
      case "run.resized":
        this.#onResized(message.run_id, message.size);
        break;
      case "run.ended": {
        const { type: _type, run_id, ...ending } = message;
        this.#change(run_id, ending);
        if (this.run.get()?.run_id === run_id) this.diagnostics.set(ending.diagnostics);
        break;
      }
      case "run.checked":
        if (this.run.get()?.run_id === message.run_id) this.diagnostics.set(message.diagnostics);
        break;
      case "diagnostics":
        this.diagnostics.set(message.diagnostics);
        break;
      default:
        skip(message);
    }
  }

  /** What a compiler said of a file goes with it to its new name. */
  rename(moved: ReadonlyMap<string, string>): void {
    const now = this.diagnostics
      .get()
      .map((each) => ({ ...each, path: moved.get(each.path) ?? each.path }));
    this.diagnostics.set(now);
  }

  #onStarted(run: RunSummary): void {
    if (this.#startedHere !== "next" || !this.isMe(run.participant_id)) return;
    this.#startedHere = run.run_id;
    this.#tellSize(run);
  }

  /** The window may have changed while nobody could be told. */
  #tellSize({ run_id, sizes }: RunSummary): void {
    const size = sizes.at(-1);
    const now = this.#terminal;
    if (run_id !== this.#startedHere || !size) return;
    if (size.columns !== now.columns || size.rows !== now.rows)
      this.send({ type: "run.resize", run_id, size: now });
  }

  #onResized(runId: string, size: Size): void {
    const { sizes } = this.run.get() ?? { sizes: [] };
    if (!sizes.some(({ seq }) => seq === size.seq))
      this.#change(runId, { sizes: [...sizes, size] });
  }

  #print(runId: string, chunk: Chunk): void {
    const { output } = this.run.get() ?? { output: [] };
    if (!output.some(({ seq }) => seq === chunk.seq))
      this.#change(runId, { output: [...output, chunk] });
  }

  #change(runId: string, change: Partial<RunSummary>): void {
    const run = this.run.get();
    if (run?.run_id === runId) this.run.set({ ...run, ...change });
  }
}
