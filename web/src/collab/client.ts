/**
 * An honest client of a Pizarra room: the stock y-websocket provider, and around it what it does not do.
 *
 * - It knows whether each edit is safe (`unsaved`), because the server acknowledges what it has committed.
 * - It keeps what is not safe in IndexedDB, and sends it when this person comes back, in whatever window.
 * - It reconnects without end, at random moments, unless the server says that it is pointless.
 * - It measures the round trip, and carries the control messages of the `pizarra.v1` subprotocol.
 *
 * README.md beside this file says how to use it in another program.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { Observable } from "../observable";
import { SaveTracker } from "./acknowledgements";
import { delayBefore } from "./backoff";
import { Outbox } from "./outbox";

const ACKNOWLEDGE = 102;
const CONTROL = 110;
const TOO_LARGE = 1009;
const PING_MS = 5000;

export type Link =
  | { state: "connecting" }
  | { state: "online"; roundTripMs: number | null }
  | { state: "offline" }
  | { state: "closed"; code: number; reason: string };

export interface Options {
  /** `ws(s)://host/ws` */
  url: string;
  room: string;
  /** The credential of an invitation, for programs without its cookie. */
  token?: string;
  /** Receives every control message but pongs, parsed. */
  onControl?: (message: { type: string }) => void;
}

export class Client {
  readonly doc = new Y.Doc();
  readonly provider: WebsocketProvider;
  readonly link = new Observable<Link>({ state: "connecting" });
  /** How many of this person's edits are only in this browser. */
  readonly unsaved = new Observable(0);
  readonly #saves = new SaveTracker();
  readonly #pings = new Map<number, number>();
  readonly #pingTimer: ReturnType<typeof setInterval>;
  #early: [number, Uint8Array][] = [];
  #outbox: Outbox | null = null;
  #identified = false;
  #destroyed = false;
  #attempts = 0;
  #onSynced: () => void = () => {};
  readonly #synced = new Promise<void>((resolve) => {
    this.#onSynced = resolve;
  });

  constructor(private readonly options: Options) {
    this.provider = new WebsocketProvider(options.url, options.room, this.doc, {
      protocols: ["pizarra.v1"],
      disableBc: true, // two tabs are two connections: each edit comes from where it was made
      params: options.token === undefined ? {} : { token: options.token },
      // Codes 4400 to 4499 are final; a message that is too large would be sent again for ever.
      shouldReconnect: ({ code }: CloseEvent) => !(code >= 4400 && code < 4500) && code !== TOO_LARGE,
    });
    this.provider.messageHandlers[ACKNOWLEDGE] = (_reply, decoder) => this.#onAcknowledged(decoder);
    this.provider.messageHandlers[CONTROL] = (_reply, decoder) => this.#onControl(decoder);
    this.provider.on("connection-close", (event) => {
      this.#saves.disconnected();
      this.#attempts += 1;
      // The provider waits for the shorter of a time of its own, which this count makes long, and ours.
      this.provider.wsUnsuccessfulReconnects = 10;
      this.provider.maxBackoffTime = delayBefore(this.#attempts, event?.code ?? null);
    });
    this.provider.on("status", ({ status }) => {
      if (status === "disconnected" && this.link.get().state === "online")
        this.link.set({ state: "offline" });
    });
    this.provider.on("sync", (synced) => {
      if (!synced) return;
      this.#attempts = 0;
      this.#onSynced();
      this.link.set({ state: "online", roundTripMs: null });
      this.#ask(); // what we held back has been sent again by now: the provider answers the server's state vector
      this.#ping();
    });
    this.provider.on("closed", ({ code, reason }) => this.link.set({ state: "closed", code, reason }));
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === this.provider) return;
      const number = this.#saves.edited();
      if (this.#identified) this.#outbox?.keep(number, update);
      else this.#early.push([number, update]);
      this.unsaved.set(this.#saves.unsaved);
      this.#ask();
    });
    this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
  }

  /**
   * Say who this is, once the server has said so: from now on unsafe edits are kept for this person, and what an
   * earlier window of theirs could not send is sent.
   */
  async identify(person: string): Promise<void> {
    if (this.#identified) return;
    this.#identified = true;
    this.#outbox = await Outbox.open(this.options.room, person);
    if (this.#outbox === null || this.#destroyed) return;
    for (const [number, update] of this.#early)
      if (number > this.#saves.safe) this.#outbox.keep(number, update);
    this.#early = [];
    // With the document it builds on it is applied like something this person does now: numbered, kept, sent, asked for.
    await this.#synced;
    const left = await this.#outbox.leftBehind();
    for (const { update } of left) Y.applyUpdate(this.doc, update, "outbox");
    this.#outbox.drop(left.map(({ key }) => key));
  }

  /** Forget what could not be sent: the server refused it for good. */
  async abandonUnsaved(): Promise<void> {
    await this.#outbox?.clear();
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
    clearInterval(this.#pingTimer);
    this.provider.destroy();
    this.#outbox?.close();
    this.doc.destroy();
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
    this.#outbox?.forget(this.#saves.safe);
    this.unsaved.set(this.#saves.unsaved);
    this.#ask();
  }

  #ping(): void {
    if (this.link.get().state !== "online") return;
    const id = Math.floor(performance.now());
    this.#pings.set(id, performance.now());
    if (this.#pings.size > 10) this.#pings.delete(this.#pings.keys().next().value as number);
    this.send({ type: "ping", id });
  }

  #onControl(decoder: decoding.Decoder): void {
    const message = JSON.parse(decoding.readVarString(decoder)) as { type: string; id?: number };
    if (message.type !== "pong") {
      this.options.onControl?.(message);
      return;
    }
    const sent = this.#pings.get(message.id ?? -1);
    this.#pings.delete(message.id ?? -1);
    if (sent !== undefined && this.link.get().state === "online")
      this.link.set({ state: "online", roundTripMs: Math.round(performance.now() - sent) });
  }
}
