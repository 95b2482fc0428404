/** One text of a weave: its characters in order, those that are gone among them. */
import * as Y from "yjs";

/** A character's name, whatever becomes of it: its author's client id and a tick of that client's clock. */
export interface Tick {
  client: number;
  clock: number;
}

const NEVER = 2 ** 32 - 1;
const utf16 = new TextDecoder("utf-16le", { ignoreBOM: true });

export class TextHistory {
  /** UTF-16 code units. */
  readonly #codes: Uint16Array;
  /** The entries between which each stands: from the first on, until the second. */
  readonly #from: Uint32Array;
  readonly #until: Uint32Array;
  /** Which stretches of it one client typed in a row, with where they begin. */
  readonly #runs: { client: number; clock: number; at: number; length: number }[] = [];
  /** The same by client, ordered by clock. */
  readonly #byClient = new Map<number, { clock: number; at: number; length: number }[]>();

  constructor(text: Y.Text, lives: ReadonlyMap<number, { born: Uint32Array; died: Uint32Array }>) {
    // Yjs has no public way to walk a text's items; `_start` and `right` have been the same through version 13.
    const items: Y.Item[] = [];
    let size = 0;
    for (let item = text._start; item !== null; item = item.right) {
      // What came deleted never stood, but a caret may have been beside it.
      if (!(item.content instanceof Y.ContentString || item.content instanceof Y.ContentDeleted))
        continue;
      items.push(item);
      size += item.length;
    }
    this.#codes = new Uint16Array(size);
    this.#from = new Uint32Array(size).fill(NEVER);
    this.#until = new Uint32Array(size);
    let at = 0;
    for (const { id, content, length } of items) {
      const life = lives.get(id.client);
      if (content instanceof Y.ContentString && life !== undefined)
        for (let offset = 0; offset < length; offset++) {
          this.#codes[at + offset] = content.str.charCodeAt(offset);
          this.#from[at + offset] = life.born[id.clock + offset] || NEVER;
          this.#until[at + offset] = life.died[id.clock + offset] || NEVER;
        }
      this.#runs.push({ client: id.client, clock: id.clock, at, length });
      at += length;
    }
    for (const run of [...this.#runs].sort((one, other) => one.clock - other.clock)) {
      const runs = this.#byClient.get(run.client) ?? [];
      runs.push(run);
      this.#byClient.set(run.client, runs);
    }
  }

  /** The text after an entry. */
  text(seq: number): string {
    const standing = new Uint16Array(this.#codes.length);
    let size = 0;
    for (let at = 0; at < standing.length; at++)
      if (this.#stands(at, seq)) standing[size++] = this.#codes[at] as number;
    return utf16.decode(standing.subarray(0, size));
  }

  /** Who typed what of it, in order. */
  *stretches(seq: number): Generator<{ client: number; from: number; to: number }> {
    let from = 0;
    for (const { client, at, length } of this.#runs) {
      const to = from + this.#count(at, at + length, seq);
      if (to > from) yield { client, from, to };
      from = to;
    }
  }

  /** How many characters stand before one that is there or was; with `after`, that one included. Null: it is not here. */
  offset({ client, clock }: Tick, after: boolean, seq: number): number | null {
    const runs = this.#byClient.get(client) ?? [];
    let [low, high] = [0, runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((runs[middle] as { clock: number }).clock <= clock) low = middle + 1;
      else high = middle;
    }
    const run = runs[low - 1];
    if (run === undefined || clock >= run.clock + run.length) return null;
    return this.#count(0, run.at + (clock - run.clock) + (after ? 1 : 0), seq);
  }

  #count(begin: number, end: number, seq: number): number {
    let count = 0;
    for (let at = begin; at < end; at++) if (this.#stands(at, seq)) count++;
    return count;
  }

  #stands(at: number, seq: number): boolean {
    return (this.#from[at] as number) <= seq && seq < (this.#until[at] as number);
  }
}
