/**
 * An honest client of a Pizarra room: the stock y-websocket provider, and around it what it does not do.
 *
 * - It knows whether each edit is safe (`unsaved`), because the server acknowledges what it has committed.
 * - It keeps what is not safe in IndexedDB (or in what little room there is elsewhere), and sends it when this person comes back, in whatever window; it says
 *   whether the browser does keep it (`kept`).
 * - It reconnects without end, at random moments, unless the server says that it is pointless; at once when the computer
 *   wakes, the network is there again or somebody looks.
 * - It measures the round trip, notices a network that has fallen silent, and carries the control messages of the
 *   `pizarra.v1` subprotocol.
 *
 * README.md beside this file says how to use it in another program.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { messageYjsSyncStep1, messageYjsSyncStep2, readSyncMessage } from "y-protocols/sync";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { Observable } from "../observable";
import { SaveTracker } from "./acknowledgements";
import { delayBefore } from "./backoff";
import { CloseCode } from "./close-codes.gen";
import { type Keeping, Outbox } from "./outbox";
import { Pulse } from "./pulse";
import { Socket } from "./socket";
import { BROKEN, ownClock, ownSince, UNREADABLE, watchHearing } from "./soundness";

const SYNC = 0;
const ACKNOWLEDGE = 102;
const CONTROL = 110;
/** A silent connection is replaced after this long, unless much is on its way: on a slow line that takes its time. */
const GIVE_UP_MS = 8000;
const OPENING_MS = 20_000;
const MUCH_BYTES = 65_536;
/** An attempt to connect that is younger than this is worth waiting for. */
const FRESH_MS = 1000;

export type Link =
  | { state: "connecting" }
  | { state: "online"; roundTripMs: number | null }
  | { state: "offline" }
  | { state: "closed"; code: number; reason: string };

const AT_ONCE = ["online", "focus", "pageshow"];

export interface Options {
  /** `ws(s)://host/ws` */
  url: string;
  room: string;
  /** The credential of an invitation, for programs without its cookie. */
  token?: string;
  /** Receives every control message but pongs, parsed. */
  onControl?: (message: { type: string }) => void;
  /** Is told what time it is for the server, with every pong. */
  onClock?: (instant: string) => void;
}

export class Client {
  readonly doc = new Y.Doc();
  readonly provider: WebsocketProvider;
  readonly link = new Observable<Link>({ state: "connecting" });
  /** How many of this person's edits are only in this browser. */
  readonly unsaved = new Observable(0);
  readonly #saves = new SaveTracker();
  readonly #pings = new Map<number, number>();
  readonly #outbox = new Outbox();
  readonly #pulse = new Pulse({
    ask: () => this.#ping(),
    onSilence: (ms) => this.#onSilence(ms),
    onWake: () => this.hurry(),
  });
  #opened = 0;
  #identified = false;
  #destroyed = false;
  #attempts = 0;
  #sentLeft = false;
  #broken = false;
  #everSynced = false;
  /** The client ids that this person's edits here were made under. */
  readonly #mine = new Set<number>();
  /** What of this person's writing was told to the outbox and the server. */
  #told = 0;
  #onSynced: () => void = () => {};
  /** Resolves when the server's document is here. */
  readonly synced = new Promise<void>((resolve) => {
    this.#onSynced = resolve;
  });

  constructor(private readonly options: Options) {
    // Before anybody else hears of an edit it is counted and held, whatever becomes of it after that.
    this.doc.on("update", this.#onUpdate);
    watchHearing(this.doc, () => this.#onBroken());
    this.provider = new WebsocketProvider(options.url, options.room, this.doc, {
      protocols: ["pizarra.v1"],
      WebSocketPolyfill: Socket,
      disableBc: true, // two tabs are two connections: each edit comes from where it was made
      params: options.token === undefined ? {} : { token: options.token },
      // Codes 4400 to 4499 are final; a message that is too large would be sent again for ever.
      shouldReconnect: ({ code }: CloseEvent) =>
        !(code >= 4400 && code < 4500) && code !== CloseCode.TOO_LARGE,
    });
    this.provider.messageHandlers[SYNC] = (reply, decoder, provider, settles) => {
      if (this.#everSynced && this.#hasLost(decoding.clone(decoder))) {
        this.#onReplaced();
        return;
      }
      encoding.writeVarUint(reply, SYNC);
      const broken = () => queueMicrotask(() => this.#onBroken());
      const kind = readSyncMessage(decoder, reply, this.doc, provider, broken);
      if (settles && kind === messageYjsSyncStep2 && !provider.synced) provider.synced = true;
    };
    this.provider.messageHandlers[ACKNOWLEDGE] = (_reply, decoder) => this.#onAcknowledged(decoder);
    this.provider.messageHandlers[CONTROL] = (_reply, decoder) => this.#onControl(decoder);
    this.provider.messageHandlers = this.provider.messageHandlers.map((handle) => (...message) => {
      this.#heard();
      return handle(...message);
    });
    this.provider.on("connection-close", (event) => {
      this.#saves.disconnected();
      this.#pulse.stop();
      this.#keepBase();
      this.#attempts += 1;
      // The provider waits for the shorter of a time of its own, which this count makes long, and ours.
      this.provider.wsUnsuccessfulReconnects = 10;
      this.provider.maxBackoffTime = delayBefore(this.#attempts, event?.code ?? null);
    });
    this.provider.on("status", ({ status }) => {
      if (status === "connecting") this.#onConnecting();
      if (status === "disconnected" && this.link.get().state === "online")
        this.link.set({ state: "offline" });
    });
    this.provider.on("sync", (synced) => {
      if (!synced) return;
      this.#attempts = 0;
      this.#onSynced();
      queueMicrotask(() => (this.#everSynced = true)); // after what this message broke has been noticed
      this.link.set({ state: "online", roundTripMs: null });
      this.#ask(); // what we held back has been sent again by now: the provider answers the server's state vector
      this.#pulse.ask();
    });
    this.provider.on("closed", ({ code, reason }) => {
      this.#close(code, reason);
    });
    this.doc.on("update", (_update: Uint8Array, origin: unknown) => {
      if (origin === this.provider) return;
      this.#ask(); // the provider has sent it
    });
    this.#onConnecting(); // the provider has begun
    for (const event of AT_ONCE) globalThis.addEventListener?.(event, this.#onEvent);
    globalThis.document?.addEventListener("visibilitychange", this.#onEvent);
  }

  /** Whether the browser keeps what is unsaved: where it does not, the window must stay open. */
  get kept(): Observable<Keeping> {
    return this.#outbox.kept;
  }

  /** How often the browser failed to keep something. */
  get faults(): Observable<number> {
    return this.#outbox.faults;
  }

  /** Say who this is, once the server has said so: from now on unsafe edits are kept for this person. */
  identify(person: string): void {
    if (this.#identified) return;
    this.#identified = true;
    this.#outbox.belongTo(this.options.room, person);
  }

  /** Send what earlier windows of this person could not, if they `may` write once it is found. */
  async sendLeft(may: () => boolean): Promise<void> {
    // With the document it builds on it is applied like something this person does now: numbered, kept, sent, asked for.
    await this.synced;
    const left = await this.#outbox.leftBehind();
    if (this.isOver || !may()) return;
    for (const { update } of left) {
      this.#sentLeft = true;
      Y.applyUpdate(this.doc, update, "outbox");
    }
    this.#outbox.drop(left.map(({ key }) => key));
  }

  /** Whether this client is done: what it could not send is left behind, though its document has it. */
  get isOver(): boolean {
    return this.#destroyed || this.link.get().state === "closed";
  }

  /** There is reason to think that the network is back: try now rather than later. */
  hurry(): void {
    if (this.isOver) return;
    const { state } = this.link.get();
    const socket = this.provider.ws;
    if (socket === null) this.provider.connect();
    else if (state === "online") this.#pulse.ask();
    else if (performance.now() - this.#opened > FRESH_MS) this.#replace();
  }

  /** Send a control message. */
  send(message: object): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, CONTROL);
    encoding.writeVarString(encoder, JSON.stringify(message));
    this.#transmit(encoder);
  }

  destroy(): void {
    this.#destroyed = true;
    for (const event of AT_ONCE) globalThis.removeEventListener?.(event, this.#onEvent);
    globalThis.document?.removeEventListener("visibilitychange", this.#onEvent);
    this.#keepBase();
    this.provider.destroy();
    this.#pulse.stop();
    void this.#outbox.close();
    this.doc.destroy();
  }

  #onUpdate = (update: Uint8Array, origin: unknown): void => {
    this.#told = ownClock(this.doc);
    if (origin === this.provider) return;
    for (const id of Y.parseUpdateMeta(update).to.keys()) this.#mine.add(id);
    this.#outbox.hold(this.#saves.edited(), update);
    if (this.link.get().state !== "online") this.#keepBase();
    this.unsaved.set(this.#saves.unsaved);
  };

  /**
   * Whether sending it again is pointless. A frame may have been too large or have had a fault in one place: edit by edit it
   * is tried once more. Another document does not know what these edits build on.
   */
  #isHopeless(code: number): boolean {
    const perhaps = code === CloseCode.TOO_LARGE || code === CloseCode.MALFORMED || code === BROKEN;
    return code === CloseCode.EPOCH_MISMATCH || (perhaps && this.#sentLeft);
  }

  #close(code: number, reason: string): void {
    // What it did not get across is left to the next client, or to be seen.
    void this.#outbox.close(this.#isHopeless(code) ? { code, reason } : undefined);
    this.link.set({ state: "closed", code, reason });
  }

  /** The document threw something: what is in it, and what it says from now on, is worth nothing. */
  #onBroken(): void {
    if (this.isOver) return;
    const rest = ownSince(this.doc, this.#told);
    if (rest !== null) this.#outbox.hold(this.#saves.edited(), rest);
    this.unsaved.set(this.#saves.unsaved);
    this.#broken = true;
    this.provider.disconnect();
    this.#close(this.#everSynced ? BROKEN : UNREADABLE, "");
  }

  /** Whether the server asks for what it told this browser itself: its database went back, to a copy or a backup. */
  #hasLost(decoder: decoding.Decoder): boolean {
    if (decoding.readVarUint(decoder) !== messageYjsSyncStep1) return false;
    const known = Y.decodeStateVector(decoding.readVarUint8Array(decoder));
    return [...this.doc.store.clients.keys()].some(
      (id) => !this.#mine.has(id) && (known.get(id) ?? 0) < Y.getState(this.doc.store, id),
    );
  }

  /** What others wrote is theirs to bring, and would be refused from here: all of it is left behind, to be copied. */
  #onReplaced(): void {
    this.#outbox.hold(0, Y.encodeStateAsUpdate(this.doc));
    this.provider.disconnect();
    this.#close(CloseCode.EPOCH_MISMATCH, "");
  }

  #onConnecting(): void {
    this.#opened = performance.now();
    this.#pulse.start();
  }

  #onEvent = (): void => {
    if (globalThis.document?.visibilityState !== "hidden") this.hurry();
  };

  /** Without a connection, keep what the unsaved edits build on too: by it they can be read as text. */
  #keepBase(): void {
    if (!this.#broken && this.#saves.unsaved > 0 && !this.#outbox.hasBase)
      this.#outbox.hold(0, Y.encodeStateAsUpdate(this.doc));
  }

  #heard(): void {
    this.#pulse.heard();
    if (this.provider.synced && this.link.get().state === "offline")
      this.link.set({ state: "online", roundTripMs: null });
  }

  #onSilence(ms: number): void {
    if (this.link.get().state === "online") this.link.set({ state: "offline" });
    const patience = this.provider.synced ? GIVE_UP_MS : OPENING_MS;
    if (ms > patience && this.#outbox.bytes < MUCH_BYTES) this.#replace();
  }

  /** Leave this connection alone, and make another. */
  #replace(): void {
    this.provider.disconnect();
    this.provider.connect();
  }

  #transmit(encoder: encoding.Encoder): void {
    const socket = this.provider.ws;
    if (socket?.readyState === WebSocket.OPEN) socket.send(encoding.toUint8Array(encoder));
  }

  #ask(): void {
    if (this.provider.ws?.readyState !== WebSocket.OPEN) return;
    const number = this.#saves.ask();
    if (number === null) return;
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
    if (this.#saves.unsaved === 0) this.#sentLeft = false; // what was left behind is not what is refused from now on
    this.#outbox.forget(this.#saves.safe);
    this.unsaved.set(this.#saves.unsaved);
    this.#ask();
  }

  #ping(): void {
    if (!this.provider.synced) return;
    const id = Math.floor(performance.now());
    this.#pings.set(id, performance.now());
    if (this.#pings.size > 10) this.#pings.delete(this.#pings.keys().next().value as number);
    this.send({ type: "ping", id });
    this.#ask();
  }

  #onControl(decoder: decoding.Decoder): void {
    const message = JSON.parse(decoding.readVarString(decoder)) as {
      type: string;
      id?: number;
      now?: string;
    };
    if (message.type !== "pong") {
      this.options.onControl?.(message);
      return;
    }
    if (message.now !== undefined) this.options.onClock?.(message.now);
    const sent = this.#pings.get(message.id ?? -1);
    this.#pings.delete(message.id ?? -1);
    if (sent !== undefined && this.link.get().state === "online")
      this.link.set({ state: "online", roundTripMs: Math.round(performance.now() - sent) });
  }
}
