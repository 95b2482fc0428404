/** One session as this browser takes part in it: the shared document, the connection's truth, people, runs. */
import { announce } from "../announcer";
import type {
  ClientMessage,
  Clock,
  Diagnostic,
  Language,
  Line,
  Person,
  PrivateEntry,
  Problem,
  ServerMessage,
  Session,
  ShownBranch,
  Signal,
  Suggestion,
} from "../api";
import { hearClock } from "../clock";
import { Client } from "../collab/client";
import { CloseCode } from "../collab/close-codes.gen";
import type { Keeping } from "../collab/outbox";
import { BROKEN } from "../collab/soundness";
import { askBeforeLeaving } from "../navigation";
import { Observable } from "../observable";
import { fetchMissing } from "../parts";
import { toast } from "../toast";
import { t } from "../words";
import { Allowance } from "./allowance";
import { assignColors, colorOf } from "./colors";
import type { ToldClock } from "./told-clock";
import { whyClosed } from "./closing";
import { Connections } from "./connections";
import { Names } from "./names";
import type { Paste } from "./told-paste";
import { mainOf } from "./paths";
import { Program } from "./program";
import { mayTakePart } from "./roles";
import { SharedFiles } from "./shared-files";
import { Withholding } from "./withheld";

/** After these this browser's document differs from the server's: start again from the server's. */
const OUT_OF_STEP = new Set<number>([
  CloseCode.TOO_LARGE,
  CloseCode.MALFORMED,
  CloseCode.READ_ONLY,
  CloseCode.EPOCH_MISMATCH,
  BROKEN,
]);

export type Link =
  | { state: "connecting" }
  | { state: "online"; roundTripMs: number | null }
  | { state: "offline" }
  | { state: "ended" }
  /** `told`: what holds in the session says why already. */
  | { state: "closed"; reason: string; outOfStep: boolean; told: boolean };

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
  readonly #stopAsking: () => void;
  #sessionId = "";
  readonly files: SharedFiles;
  readonly allowance: Allowance;
  readonly link = new Observable<Link>({ state: "connecting" });
  /** Whether the server has let this person go for good: nothing can be asked of it here any more. */
  readonly over = new Observable(false);
  readonly unsaved: Observable<number>;
  /** Whether the browser keeps what is unsaved. */
  readonly kept: Observable<Keeping>;
  readonly people = new Observable<Person[]>([]);
  readonly you = new Observable<Person | null>(null);
  readonly title = new Observable("");
  readonly language = new Observable<Language>("python");
  /** The language that this person is choosing: its file opens for them, and takes the keyboard. */
  choosing: Language | null = null;
  /** The path of the file that this person looks at. */
  looked: string | null = null;
  readonly program: Program;
  /** Who is in the waiting room; only hosts are told. */
  readonly waiting = new Observable<Person[]>([]);
  readonly editingLocked = new Observable(false);
  /** Whether this person may change the document, as far as is known here. */
  readonly mayWrite = new Observable(false);
  /** What this browser could not send. */
  readonly withheld: Withholding;
  readonly runningLocked = new Observable(false);
  readonly notice = new Observable<string | null>(null);
  /** How everybody's connection is, as far as this person is told. */
  readonly connections = new Connections();
  readonly names = new Names(async () => (await import("./earlier")).whoJoined(this.#sessionId));
  readonly shownSignals = new Observable<Session["signals"]>("none");
  /** Large pastes of this person that the server has not told of. */
  readonly untold = new Observable<readonly Paste[]>([]);
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
  /** What came of the samples the last time somebody tried them. */
  readonly sampled = new Observable<Extract<ServerMessage, { type: "samples.ran" }> | null>(null);
  /** Turns when the session is given another question. */
  readonly problemTurn = new Observable(0);
  /** What the session is about; null: nothing, undefined: that is not known yet. */
  readonly problem = new Observable<Problem | null | undefined>(undefined);
  /** The languages that there are, as far as is known. */
  languages: readonly { id: string; main: string }[] = [];
  /** Whether this person gives the session a question just now: its file opens for them. */
  posing = false;
  /** What was written to everybody. */
  readonly lines = new Observable<readonly Line[]>([]);
  /** How much of that, and of the interviewers' log, this person has not seen. */
  readonly unseen = new Observable(0);
  /** The interview's clock, for those who may see it. */
  readonly clock = new Observable<ToldClock | null>(null);
  /** When the interview began, with the candidate's coming: times are shown since then. */
  readonly startedAt = new Observable<string | null>(null);
  /** Who asked last to be looked at. */
  readonly gathered = new Observable<{ participantId: string } | null>(null);
  /** A place somebody wants to see. */
  readonly reveal = new Observable<Diagnostic | null>(null);

  constructor(readonly roomId: string) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#client = new Client({
      url: `${scheme}://${location.host}/ws`,
      room: roomId,
      onControl: (message) => this.#onControl(message as ServerMessage),
      onClock: hearClock,
    });
    this.unsaved = this.#client.unsaved;
    this.kept = this.#client.kept;
    const { doc } = this.#client;
    this.files = new SharedFiles(doc, () => this.mayWrite.get());
    this.program = new Program(
      (message) => this.send(message),
      (message) => this.ask(message),
      (person) => this.#isMe(person),
    );
    this.withheld = new Withholding(roomId, this.#client, () => ({
      person: this.you.get()?.participant_id ?? null,
      obstacle: this.#obstacle(),
    }));
    this.allowance = new Allowance(doc, () => this.files.texts());
    this.files.moved.subscribe(() => this.program.rename(this.files.moved.get()));
    this.#client.link.subscribe(() => this.#onLink());
    this.#stopAsking = askBeforeLeaving(() => this.unsaved.get() > 0);
  }

  get awareness() {
    return this.#client.provider.awareness;
  }

  /** Tell the server something that is nothing any more once a connection is lost. */
  send(message: ClientMessage): void {
    this.#client.send(message);
  }

  /** Ask the server for what somebody wants; false, and they are told, when there is no connection to ask on. */
  ask(message: ClientMessage): boolean {
    const link = this.link.get();
    const isOnline = link.state === "online";
    if (isOnline) this.send(message);
    else toast(link.state === "closed" ? link.reason : t.unreachable);
    return isOnline;
  }

  /** Run the program; `stdin`: all of its input, instead of what people type. */
  startRun(stdin: string | null = null): void {
    const link = this.link.get();
    if (link.state !== "online") {
      this.notice.set(link.state === "closed" ? link.reason : t.output.offline);
      return;
    }
    this.notice.set(null);
    this.program.start(this.programIn(this.language.get()), stdin);
  }

  /** The question's own file of a language, where it has one apart; null: the language's, as always. */
  programIn(language: string): string | null {
    const main = mainOf(language, this.languages);
    const folder = this.problem.get()?.folder;
    const path = folder && main ? folder + main : null;
    return path !== null && this.files.listed.get().has(path) ? path : null;
  }

  destroy(): void {
    this.#stopAsking();
    this.#client.destroy();
  }

  #onLink(): void {
    const link = this.#client.link.get();
    if (link.state !== "online") this.connections.lost();
    if (link.state !== "closed") {
      if (link.state === "online" && this.notice.get() === t.output.offline) this.notice.set(null);
      if (link.state === "online") fetchMissing();
      this.link.set(link);
      return;
    }
    if (link.code === CloseCode.SESSION_ENDED) {
      this.link.set({ state: "ended" });
      this.#stand();
      return;
    }
    const reason = whyClosed(link.code, link.reason);
    const outOfStep = OUT_OF_STEP.has(link.code);
    this.link.set({ state: "closed", reason, outOfStep, told: link.code === CloseCode.READ_ONLY });
    if (outOfStep) return;
    this.over.set(true);
    this.#stand();
  }

  /** Say what this person may do now, and what becomes of what they could not send. */
  #stand(): void {
    const { state } = this.link.get();
    const isOver = state === "closed" || state === "ended";
    this.mayWrite.set(this.you.get() !== null && !isOver && this.#obstacle() === null);
    if (state !== "ended") void this.withheld.look();
  }

  /** Why what is written here cannot be sent, in a sentence. */
  #obstacle(): string | null {
    const link = this.link.get();
    const role = this.you.get()?.role;
    if (link.state === "closed") return `${link.reason} ${t.withheld.copyIt}`;
    if (!mayTakePart(role)) return t.withheld.watching;
    return this.editingLocked.get() && role === "candidate" ? t.withheld.locked : null;
  }

  #onControl(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.title.set(message.title);
        this.language.set(message.language);
        this.#sessionId = message.session_id;
        this.#meet(message.people);
        this.waiting.set(message.waiting);
        this.editingLocked.set(message.editing_locked);
        this.runningLocked.set(message.running_locked);
        this.program.begin(message.run);
        this.allowance.max = message.max_text_bytes;
        this.allowance.maxFiles = message.max_files;
        this.shownSignals.set(message.shown_signals);
        this.signals.set(message.signals);
        this.suggestions.set(message.suggestions);
        this.#thinkUntil(message.thinking_until, message.thinking_seconds_left);
        this.branch.set(message.branch);
        this.lines.set(message.lines);
        this.#setClock(message.clock, message.clock_started_at);
        this.connections.present(message.people);
        this.#introduce(message.you);
        break;
      case "roster":
        this.#announceChange(message.people);
        this.connections.present(message.people);
        this.#meet(message.people);
        break;
      case "connection":
        this.connections.reported(message.participant_id, message.unsaved, message.round_trip_ms);
        break;
      case "signal":
        this.signals.set([...this.signals.get().slice(-500), message.signal]);
        break;
      case "suggestion":
        this.suggestions.set([...this.suggestions.get(), message.suggestion]);
        this.#announceSuggestion(message.suggestion);
        break;
      case "suggestion.answered":
        this.#onAnswered(message.seq, message.accepted, message.participant_id);
        break;
      case "thinking":
        this.#thinkUntil(message.until, message.seconds_left);
        break;
      case "branch.changed":
        this.branch.set(message.branch);
        announce(message.branch ? t.branches.at(message.branch.name) : t.branches.backNow);
        break;
      case "gathered":
        this.gathered.set({ participantId: message.participant_id });
        break;
      case "said":
        this.lines.set([...this.lines.get(), message.line]);
        if (!this.#isMe(message.line.participant_id))
          announce(t.announcements.said(message.line.name, message.line.text));
        break;
      case "samples.ran":
        this.sampled.set(message);
        break;
      case "problem.changed":
        this.problemTurn.set(this.problemTurn.get() + 1);
        break;
      case "clock":
        this.#setClock(message.clock, message.started_at);
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
        this.#setLocks(message.editing_locked, message.running_locked);
        if (message.title) this.title.set(message.title);
        if (message.language && message.language !== this.language.get()) {
          this.language.set(message.language);
          this.program.diagnostics.set([]);
        }
        break;
      case "run.started":
        this.notice.set(null);
        this.program.hear(message);
        // Of one's own the terminal's bar says it.
        if (!this.#isMe(message.run.participant_id))
          announce(t.announcements.ran(this.nameOf(message.run.participant_id), message.run.path));
        break;
      case "refusal":
        this.notice.set(t.said(message.detail));
        break;
      case "pong": // The client below has read it.
        break;
      default: // What is left is the program's: the compiler refuses a message that was forgotten.
        this.program.hear(message);
    }
  }

  #isMe(participantId: string | null): boolean {
    return participantId === this.you.get()?.participant_id;
  }

  /** Somebody's name, also after they have left: who draws it again when it is found looks at `names.known`. */
  nameOf(participantId: string | null): string {
    if (participantId === null) return t.bar.server;
    return this.names.of(participantId) ?? t.files.nameless;
  }

  #meet(people: Person[]): void {
    assignColors(people.map((person) => person.participant_id));
    this.names.meet(people);
    this.people.set(people);
  }

  #thinkUntil(until: string | null, left: number | null): void {
    if (until !== null && left !== null)
      hearClock(new Date(Date.parse(until) - left * 1000).toISOString());
    this.thinkingUntil.set(until);
  }

  /** A lock is said by the banner that comes; that it is gone, by nothing that is on the page. */
  #setLocks(editing: boolean | null, running: boolean | null): void {
    const isMine = this.you.get()?.role === "candidate";
    if (isMine && editing === false && this.editingLocked.get())
      announce(t.announcements.unlockedEditing);
    if (isMine && running === false && this.runningLocked.get())
      announce(t.announcements.unlockedRunning);
    if (editing !== null) this.editingLocked.set(editing);
    if (running !== null) this.runningLocked.set(running);
    if (editing !== null) this.#stand();
  }

  #announceSuggestion({ participant_id, path }: Suggestion): void {
    if (!this.#isMe(participant_id))
      announce(t.announcements.suggests(this.nameOf(participant_id), path));
  }

  #setClock(clock: Clock | null, startedAt: string | null): void {
    this.startedAt.set(startedAt);
    this.clock.set(clock && { clock, at: performance.now() });
  }

  #announceChange(now: readonly Person[]): void {
    const ids = (people: readonly Person[]) =>
      new Set(people.map((person) => person.participant_id));
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
    this.#client.identify(you.participant_id);
    this.#stand();
    // The server puts its own word for all this in; saying the same spares it the work.
    this.awareness.setLocalStateField("user", {
      id: you.participant_id,
      name: you.name,
      role: you.role,
      color: `var(--peer-${colorOf(you.participant_id)})`,
    });
  }
}
