/** One session as this browser takes part in it: the shared document, the connection's truth, people, runs. */
import type * as Y from "yjs";
import { announce } from "../announcer";
import type {
  ClientMessage,
  Diagnostic,
  Language,
  Person,
  PrivateEntry,
  RunSummary,
  ServerMessage,
  Session,
  ShownBranch,
  Signal,
  Suggestion,
} from "../api";
import { Client } from "../collab/client";
import { Observable } from "../observable";
import { t } from "../words";
import { assignColors, colorOf } from "./colors";
import { Connections } from "./connections";
import { isActive, type TerminalSize } from "./runs";

function finalReason(code: number): string {
  const words = t.session.final;
  const known: Record<number, string> = {
    1009: words.tooLarge,
    4400: words.refused,
    4401: words.notIn,
    4403: words.readOnly,
    4404: words.gone,
    4409: words.replaced,
  };
  return known[code] ?? words.closed;
}

/** After these this browser's document differs from the server's: start again from the server's. */
const OUT_OF_STEP = new Set([1009, 4400, 4403, 4409]);
const SESSION_ENDED = 4410;

export type Link =
  | { state: "connecting" }
  | { state: "online"; roundTripMs: number | null }
  | { state: "offline" }
  | { state: "ended" }
  | { state: "closed"; reason: string; outOfStep: boolean };

export interface Answered {
  suggestion: Suggestion;
  accepted: boolean;
  participantId: string;
}

let opened = 0;

export class Room {
  /** Tells this room from the one it replaces, when the browser had to start again. */
  readonly id = ++opened;
  readonly #client: Client;
  readonly files: Y.Map<{ language: string }>;
  readonly link = new Observable<Link>({ state: "connecting" });
  readonly unsaved: Observable<number>;
  readonly people = new Observable<Person[]>([]);
  readonly you = new Observable<Person | null>(null);
  readonly title = new Observable("");
  readonly language = new Observable<Language>("python");
  readonly paths = new Observable<string[]>([]);
  readonly run = new Observable<RunSummary | null>(null);
  /** Who is in the waiting room; only hosts are told. */
  readonly waiting = new Observable<Person[]>([]);
  readonly editingLocked = new Observable(false);
  readonly runningLocked = new Observable(false);
  readonly notice = new Observable<string | null>(null);
  /** How everybody's connection is, as far as this person is told. */
  readonly connections = new Connections();
  readonly shownSignals = new Observable<Session["signals"]>("none");
  readonly signals = new Observable<readonly Signal[]>([]);
  readonly suggestions = new Observable<readonly Suggestion[]>([]);
  /** The answer that came last; whoever accepted makes the edit. */
  readonly answered = new Observable<Answered | null>(null);
  /** Until when interviewers do not see the editor. */
  readonly thinkingUntil = new Observable<string | null>(null);
  /** The follow-up question the session is at; null on the main line. */
  readonly branch = new Observable<ShownBranch | null>(null);
  /** What was written into the interviewers' log last. */
  readonly noted = new Observable<PrivateEntry | null>(null);
  readonly scoresTurn = new Observable(0);
  /** Who asked last to be looked at. */
  readonly gathered = new Observable<{ participantId: string } | null>(null);
  /** What the compiler says about the program as it is, or was when it ran last. */
  readonly diagnostics = new Observable<Diagnostic[]>([]);
  /** A place somebody wants to see. */
  readonly reveal = new Observable<Diagnostic | null>(null);
  /** Whether the next run should take the keyboard: it does when it was started by hand here. */
  focusTerminal = false;
  #terminalSize: TerminalSize = { columns: 80, rows: 24 };
  /** The longest text of the session, all files together, in bytes of UTF-8. */
  maxTextBytes = Number.POSITIVE_INFINITY;

  constructor(readonly roomId: string) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#client = new Client({
      url: `${scheme}://${location.host}/ws`,
      room: roomId,
      onControl: (message) => this.#onControl(message as ServerMessage),
    });
    this.unsaved = this.#client.unsaved;
    this.files = this.#client.doc.getMap("files");
    this.#client.link.subscribe(() => this.#onLink());
    this.files.observe(() => this.paths.set([...this.files.keys()].sort()));
    addEventListener("beforeunload", this.#warnBeforeLeaving);
  }

  get awareness() {
    return this.#client.provider.awareness;
  }

  text(path: string): Y.Text {
    return this.#client.doc.getText(`file:${path}`);
  }

  /** Every file's text, one after the other: what is worth keeping when this browser must start again. */
  everything(): string {
    return this.paths
      .get()
      .map((path) => `${path}\n${this.text(path).toString()}`)
      .join("\n\n");
  }

  send(message: ClientMessage): void {
    this.#client.send(message);
  }

  startRun(): void {
    if (this.link.get().state !== "online") {
      this.notice.set(t.output.offline);
      return;
    }
    this.notice.set(null);
    this.focusTerminal = true;
    const terminal = this.#terminalSize;
    this.send({ type: "run.start", path: null, stdin: null, terminal, if_running: "replace" });
  }

  typeIntoRun(text: string): void {
    const run = this.run.get();
    if (run && isActive(run)) this.send({ type: "run.input", run_id: run.run_id, text });
  }

  resizeTerminal(size: TerminalSize): void {
    this.#terminalSize = size;
    const run = this.run.get();
    const mine = run !== null && run.participant_id === this.you.get()?.participant_id;
    if (mine && run.terminal && isActive(run)) this.send({ type: "run.resize", run_id: run.run_id, size });
  }

  stopRun(): void {
    const run = this.run.get();
    if (run) this.send({ type: "run.stop", run_id: run.run_id });
  }

  /** Forget what the server refused; the next window starts from the server's document. */
  abandonUnsaved(): Promise<void> {
    return this.#client.abandonUnsaved();
  }

  destroy(): void {
    removeEventListener("beforeunload", this.#warnBeforeLeaving);
    this.#client.destroy();
  }

  #warnBeforeLeaving = (event: BeforeUnloadEvent) => {
    const { state } = this.link.get();
    if (this.unsaved.get() > 0 && state !== "ended" && state !== "closed") event.preventDefault();
  };

  #onLink(): void {
    const link = this.#client.link.get();
    if (link.state !== "closed") {
      if (link.state === "online" && this.notice.get() === t.output.offline) this.notice.set(null);
      this.link.set(link);
      return;
    }
    if (link.code === SESSION_ENDED) {
      this.link.set({ state: "ended" });
      return;
    }
    const what = finalReason(link.code);
    const reason = link.reason ? `${what}: ${t.said(link.reason)}.` : `${what}.`;
    this.link.set({ state: "closed", reason, outOfStep: OUT_OF_STEP.has(link.code) });
  }

  #onControl(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.title.set(message.title);
        this.language.set(message.language);
        assignColors(message.people.map((person) => person.participant_id));
        this.people.set(message.people);
        this.waiting.set(message.waiting);
        this.editingLocked.set(message.editing_locked);
        this.runningLocked.set(message.running_locked);
        this.run.set(message.run);
        this.diagnostics.set(message.run?.diagnostics ?? []);
        this.maxTextBytes = message.max_text_bytes;
        this.shownSignals.set(message.shown_signals);
        this.signals.set(message.signals);
        this.suggestions.set(message.suggestions);
        this.thinkingUntil.set(message.thinking_until);
        this.branch.set(message.branch);
        this.connections.present(message.people);
        this.#introduce(message.you);
        break;
      case "roster":
        this.#announceChange(message.people);
        this.connections.present(message.people);
        assignColors(message.people.map((person) => person.participant_id));
        this.people.set(message.people);
        break;
      case "connection":
        this.connections.reported(message.participant_id, message.unsaved, message.round_trip_ms);
        break;
      case "signal":
        this.signals.set([...this.signals.get().slice(-500), message.signal]);
        break;
      case "suggestion":
        this.suggestions.set([...this.suggestions.get(), message.suggestion]);
        break;
      case "suggestion.answered":
        this.#onAnswered(message.seq, message.accepted, message.participant_id);
        break;
      case "thinking":
        this.thinkingUntil.set(message.until);
        break;
      case "branch.changed":
        this.branch.set(message.branch);
        announce(message.branch ? t.branches.at(message.branch.name) : t.branches.backNow);
        break;
      case "gathered":
        this.gathered.set({ participantId: message.participant_id });
        break;
      case "note.added":
        this.noted.set(message.entry as PrivateEntry);
        break;
      case "scores.changed":
        this.scoresTurn.set(this.scoresTurn.get() + 1);
        break;
      case "waiting":
        this.waiting.set(message.people);
        break;
      case "you.changed":
        this.#introduce(message.you);
        break;
      case "session.changed":
        if (message.editing_locked !== null) this.editingLocked.set(message.editing_locked);
        if (message.running_locked !== null) this.runningLocked.set(message.running_locked);
        if (message.title) this.title.set(message.title);
        if (message.language && message.language !== this.language.get()) {
          this.language.set(message.language);
          this.diagnostics.set([]);
        }
        break;
      case "run.started":
        this.notice.set(null);
        this.run.set(message.run);
        announce(t.announcements.ran(this.nameOf(message.run.participant_id), message.run.path));
        break;
      case "run.progress":
        this.#changeRun(message.run_id, { status: message.status, queue_position: message.queue_position });
        break;
      case "run.output":
        this.#changeRun(message.run_id, {}, message.chunk);
        break;
      case "run.ended": {
        const { type: _type, run_id, ...ending } = message;
        this.#changeRun(run_id, ending);
        if (this.run.get()?.run_id === run_id) this.diagnostics.set(ending.diagnostics);
        break;
      }
      case "diagnostics":
        this.diagnostics.set(message.diagnostics);
        break;
      case "refusal":
        this.notice.set(t.said(message.detail));
        break;
    }
  }

  /** Somebody's name, also after they have left. */
  nameOf(participantId: string | null): string {
    const known = [...this.people.get(), ...this.connections.gone.get().map(({ person }) => person)];
    return known.find((person) => person.participant_id === participantId)?.name ?? t.activity.server;
  }

  #announceChange(now: readonly Person[]): void {
    const ids = (people: readonly Person[]) => new Set(people.map((person) => person.participant_id));
    const [before, after] = [ids(this.people.get()), ids(now)];
    for (const person of now)
      if (!before.has(person.participant_id)) announce(t.announcements.joined(person.name));
    for (const person of this.people.get())
      if (!after.has(person.participant_id)) announce(t.announcements.left(person.name));
  }

  #onAnswered(seq: number, accepted: boolean, participantId: string): void {
    const suggestion = this.suggestions.get().find((each) => each.seq === seq);
    this.suggestions.set(this.suggestions.get().filter((each) => each.seq !== seq));
    if (suggestion) this.answered.set({ suggestion, accepted, participantId });
  }

  #introduce(you: Person): void {
    this.you.set(you);
    void this.#client.identify(you.participant_id);
    // The server puts its own word for all this in; saying the same spares it the work.
    this.awareness.setLocalStateField("user", {
      id: you.participant_id,
      name: you.name,
      role: you.role,
      color: `var(--peer-${colorOf(you.participant_id)})`,
    });
  }

  #changeRun(runId: string, change: Partial<RunSummary>, chunk?: RunSummary["output"][number]): void {
    const run = this.run.get();
    if (run?.run_id !== runId) return;
    const known = chunk === undefined || run.output.some((other) => other.seq === chunk.seq);
    this.run.set({ ...run, ...change, output: known ? run.output : [...run.output, chunk] });
  }
}
