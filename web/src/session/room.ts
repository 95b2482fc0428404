/** One session as this browser takes part in it: the shared document, the connection's truth, people, runs. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { ClientMessage, Language, Person, RunSummary, ServerMessage } from "../api";
import { Observable } from "../observable";
import { colorOf } from "./colors";
import { SaveTracker } from "./saves";

const ACKNOWLEDGE = 102;
const CONTROL = 110;
const PING_MS = 5000;
const FINAL_REASONS: Record<number, string> = {
  4400: "The server refused a change from this browser",
  4401: "You are not signed in to this session",
  4403: "You can watch this session but not write in it",
  4404: "This session does not exist any more",
  4409: "The document was replaced while you were away",
};
export const SESSION_ENDED = 4410;

export type Link =
  | { state: "connecting" }
  | { state: "online"; roundTripMs: number | null }
  | { state: "offline" }
  | { state: "ended" }
  | { state: "closed"; reason: string };

export class Room {
  readonly doc = new Y.Doc();
  readonly files = this.doc.getMap<{ language: string }>("files");
  readonly provider: WebsocketProvider;
  readonly link = new Observable<Link>({ state: "connecting" });
  readonly unsaved = new Observable(0);
  readonly people = new Observable<Person[]>([]);
  readonly you = new Observable<Person | null>(null);
  readonly title = new Observable("");
  readonly language = new Observable<Language>("python");
  readonly paths = new Observable<string[]>([]);
  readonly run = new Observable<RunSummary | null>(null);
  readonly notice = new Observable<string | null>(null);
  readonly #saves = new SaveTracker();
  readonly #pings = new Map<number, number>();
  #pingTimer: ReturnType<typeof setInterval>;

  constructor(roomId: string) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.provider = new WebsocketProvider(`${scheme}://${location.host}/ws`, roomId, this.doc, {
      protocols: ["pizarra.v1"],
      disableBc: true,
    });
    this.provider.messageHandlers[ACKNOWLEDGE] = (_reply, decoder) => this.#onAcknowledged(decoder);
    this.provider.messageHandlers[CONTROL] = (_reply, decoder) => this.#onControl(decoder);
    this.provider.on("status", ({ status }) => {
      if (status === "disconnected" && this.link.get().state === "online")
        this.link.set({ state: "offline" });
    });
    this.provider.on("sync", (synced) => {
      if (!synced) return;
      this.link.set({ state: "online", roundTripMs: null });
      this.#askForAcknowledgement(this.#saves.latest); // what we held back has been sent again by now
      this.#ping();
    });
    this.provider.on("closed", ({ code, reason }) => this.#onClosed(code, reason));
    this.doc.on("update", (_update: Uint8Array, origin: unknown) => {
      if (origin === this.provider) return;
      const number = this.#saves.edited();
      this.unsaved.set(this.#saves.unsaved);
      this.#askForAcknowledgement(number);
    });
    this.files.observe(() => this.paths.set([...this.files.keys()].sort()));
    this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
    addEventListener("beforeunload", this.#warnBeforeLeaving);
  }

  text(path: string): Y.Text {
    return this.doc.getText(`file:${path}`);
  }

  send(message: ClientMessage): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, CONTROL);
    encoding.writeVarString(encoder, JSON.stringify(message));
    this.#transmit(encoder);
  }

  startRun(): void {
    this.notice.set(null);
    this.send({ type: "run.start", path: null, stdin: "" });
  }

  stopRun(): void {
    const run = this.run.get();
    if (run) this.send({ type: "run.stop", run_id: run.run_id });
  }

  destroy(): void {
    clearInterval(this.#pingTimer);
    removeEventListener("beforeunload", this.#warnBeforeLeaving);
    this.provider.destroy();
    this.doc.destroy();
  }

  #warnBeforeLeaving = (event: BeforeUnloadEvent) => {
    if (this.#saves.unsaved > 0 && this.link.get().state !== "ended") event.preventDefault();
  };

  #transmit(encoder: encoding.Encoder): void {
    const socket = this.provider.ws;
    if (socket?.readyState === WebSocket.OPEN) socket.send(encoding.toUint8Array(encoder));
  }

  #askForAcknowledgement(number: number): void {
    const inner = encoding.createEncoder();
    encoding.writeVarUint(inner, number);
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, ACKNOWLEDGE);
    encoding.writeVarUint8Array(encoder, encoding.toUint8Array(inner));
    this.#transmit(encoder);
  }

  #onAcknowledged(decoder: decoding.Decoder): void {
    const inner = decoding.createDecoder(decoding.readVarUint8Array(decoder));
    this.#saves.acknowledged(decoding.readVarUint(inner));
    this.unsaved.set(this.#saves.unsaved);
  }

  #onClosed(code: number, reason: string): void {
    if (code === SESSION_ENDED) {
      this.link.set({ state: "ended" });
      return;
    }
    const what = FINAL_REASONS[code] ?? "The server closed the connection";
    this.link.set({ state: "closed", reason: reason ? `${what}: ${reason}.` : `${what}.` });
  }

  #ping(): void {
    if (this.link.get().state !== "online") return;
    const id = Math.floor(performance.now());
    this.#pings.set(id, performance.now());
    if (this.#pings.size > 10) this.#pings.delete(this.#pings.keys().next().value as number);
    this.send({ type: "ping", id });
  }

  #onControl(decoder: decoding.Decoder): void {
    const message = JSON.parse(decoding.readVarString(decoder)) as ServerMessage;
    switch (message.type) {
      case "welcome":
        this.title.set(message.title);
        this.language.set(message.language);
        this.people.set(message.people);
        this.run.set(message.run);
        this.#introduce(message.you);
        break;
      case "roster":
        this.people.set(message.people);
        break;
      case "session.changed":
        if (message.title) this.title.set(message.title);
        if (message.language) this.language.set(message.language);
        break;
      case "run.started":
        this.notice.set(null);
        this.run.set(message.run);
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
        break;
      }
      case "pong": {
        const sent = this.#pings.get(message.id);
        this.#pings.delete(message.id);
        if (sent !== undefined && this.link.get().state === "online")
          this.link.set({ state: "online", roundTripMs: Math.round(performance.now() - sent) });
        break;
      }
      case "refusal":
        this.notice.set(message.detail);
        break;
    }
  }

  #introduce(you: Person): void {
    this.you.set(you);
    this.provider.awareness.setLocalStateField("user", {
      id: you.participant_id,
      name: you.name,
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
