/**
 * The code of a whole session as one weave: every character that ever was, in its order, with the entry that brought it
 * and the entry that took it away. The text of an instant is those that had come and not yet gone: one look over them,
 * whichever instant it is.
 *
 * That the order of all characters holds the order at every instant is what makes Yjs a CRDT: nothing ever moves.
 */
import * as Y from "yjs";
import { textNames } from "../collab/listing";
import { TextHistory, type Tick } from "./text-history";

/** What the files were called from an entry on, and in which language the session was. */
interface Listing {
  seq: number;
  language: string | null;
  /** Path → the name of its text, in order of the paths. */
  files: ReadonlyMap<string, string>;
}

/** For each tick of a client's clock: the entry that brought its character, and that took it away; 0: none. */
interface Life {
  born: Uint32Array;
  died: Uint32Array;
  /** The first tick that is not in the document yet. */
  next: number;
}

type Decoded = ReturnType<typeof Y.decodeUpdate>;

const TOGETHER = 2000; // edits in a transaction: at its end Yjs joins neighbours, and that grows faster than their number
const NOTHING: Listing = { seq: 0, language: null, files: new Map() };

export class Weave {
  readonly #doc = new Y.Doc({ gc: false });
  readonly #lives = new Map<number, Life>();
  readonly #authors = new Map<number, string | null>();
  readonly #listings: Listing[] = [];
  readonly #histories = new Map<string, TextHistory>();
  #waiting: Uint8Array[] = [];
  #characters = 0;

  /** How many characters there are after what was added last, all files together. */
  get characters(): number {
    return this.#characters;
  }

  /** Add the next edit of the log; return the last character that it brought. */
  add(seq: number, author: string | null, update: Uint8Array): Tick | null {
    let decoded: Decoded;
    try {
      decoded = Y.decodeUpdate(update);
    } catch {
      return null; // the server plays on after an edit that it cannot read, too
    }
    const { structs } = decoded;
    // Whoever's edit first carries a client id owns it.
    for (const { id } of structs)
      if (!this.#authors.has(id.client)) this.#authors.set(id.client, author);
    if (this.#isTyping(decoded)) {
      this.#note(seq, decoded);
      this.#waiting.push(update);
      if (this.#waiting.length >= TOGETHER) this.#weaveIn();
    } else {
      this.#weaveIn();
      this.#integrate(seq, update);
    }
    const last = structs.at(-1);
    return last ? { client: last.id.client, clock: last.id.clock + last.length - 1 } : null;
  }

  /** The files and the language after an entry. */
  listingAt(seq: number): Listing {
    return this.#listings[upTo(this.#listings, seq)] ?? NOTHING;
  }

  /** What a text, by its name, said after an entry. */
  text(name: string, seq: number): string {
    return this.#history(name).text(seq);
  }

  /** Who wrote what of a text: stretches in order, null for the server. */
  blame(name: string, seq: number): { from: number; to: number; author: string | null }[] {
    const found: { from: number; to: number; author: string | null }[] = [];
    for (const { client, from, to } of this.#history(name).stretches(seq)) {
      const author = this.#authors.get(client) ?? null;
      const last = found.at(-1);
      if (last?.author === author) last.to = to;
      else found.push({ from, to, author });
    }
    return found;
  }

  /** The name of the text that a character is in, or was. */
  nameOf({ client, clock }: Tick): string | null {
    if (clock >= (this.#lives.get(client)?.next ?? 0)) return null;
    this.#weaveIn();
    const struct = Y.getItem(this.#doc.store, Y.createID(client, clock));
    const parent = struct instanceof Y.Item ? struct.parent : null;
    if (!(parent instanceof Y.AbstractType) || parent._item !== null) return null;
    return Y.findRootTypeKey(parent);
  }

  /** How many characters of a text stand before one that is there or was; with `after`, that one included. */
  offset(name: string, tick: Tick, after: boolean, seq: number): number | null {
    return this.#history(name).offset(tick, after, seq);
  }

  #history(name: string): TextHistory {
    this.#weaveIn();
    let history = this.#histories.get(name);
    if (history === undefined) {
      history = new TextHistory(this.#doc.getText(name), this.#lives);
      this.#histories.set(name, history);
    }
    return history;
  }

  /**
   * Whether all that an update does is to bring characters whose surroundings are there, and to take away characters
   * that are there. Nearly all are so, and many of them go into the document in one transaction: tidying up after each
   * takes Yjs longer than the update.
   */
  #isTyping({ structs, ds }: Decoded): boolean {
    if (this.#doc.store.pendingStructs !== null || this.#doc.store.pendingDs !== null) return false;
    let [client, next] = [-1, 0];
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return false;
      const { id, origin, rightOrigin } = struct;
      if (id.client !== client) [client, next] = [id.client, this.#lives.get(id.client)?.next ?? 0];
      if (id.clock !== next || struct.parentSub !== null) return false;
      if (origin === null && rightOrigin === null && typeof struct.parent !== "string")
        return false;
      for (const other of [origin, rightOrigin])
        if (
          other !== null &&
          !(other.client === client && other.clock < id.clock) &&
          !this.#has(other)
        )
          return false;
      next += struct.length;
    }
    for (const [of, ranges] of ds.clients) {
      const life = this.#lives.get(of);
      for (const { clock, len } of ranges) {
        if (life === undefined || clock + len > life.next) return false;
        for (let tick = clock; tick < clock + len; tick++) if (life.born[tick] === 0) return false;
      }
    }
    return true;
  }

  #has({ client, clock }: Tick): boolean {
    return clock < (this.#lives.get(client)?.next ?? 0);
  }

  /** Note what an edit that is nothing but typing does. */
  #note(seq: number, { structs, ds }: Decoded): void {
    for (const { id, length } of structs) this.#begin(seq, id.client, id.clock, length);
    for (const [client, ranges] of ds.clients)
      for (const { clock, len } of ranges) this.#end(seq, client, clock, len);
  }

  /** Integrate an edit of any kind, and note what became of it: it may wait for others, or others for it. */
  #integrate(seq: number, update: Uint8Array): void {
    const note = ({ beforeState, afterState, deleteSet }: Y.Transaction): void => {
      for (const [client, after] of afterState) {
        const before = beforeState.get(client) ?? 0;
        if (after === before) continue;
        const structs = this.#doc.store.clients.get(client) ?? [];
        this.#lifeOf(client, after).next = after;
        for (let at = structs.length - 1; at >= 0; at--) {
          const struct = structs[at] as Y.Item | Y.GC;
          if (struct.id.clock < before) break;
          if (struct instanceof Y.Item && struct.content instanceof Y.ContentString)
            this.#begin(seq, client, struct.id.clock, struct.length);
        }
      }
      for (const [client, ranges] of deleteSet.clients)
        for (const { clock, len } of ranges) this.#end(seq, client, clock, len);
    };
    this.#doc.on("afterTransaction", note);
    try {
      Y.applyUpdate(this.#doc, update);
    } catch {
      // What of it could be applied was; the server plays on, too.
    } finally {
      this.#doc.off("afterTransaction", note);
    }
    this.#histories.clear();
    this.#list(seq);
  }

  #begin(seq: number, client: number, clock: number, length: number): void {
    const life = this.#lifeOf(client, clock + length);
    life.born.fill(seq, clock, clock + length);
    life.next = Math.max(life.next, clock + length);
    this.#characters += length;
  }

  #end(seq: number, client: number, clock: number, length: number): void {
    const { born, died } = this.#lifeOf(client, clock + length);
    for (let tick = clock; tick < clock + length; tick++) {
      if (born[tick] === 0 || died[tick] !== 0) continue;
      died[tick] = seq;
      this.#characters -= 1;
    }
  }

  #lifeOf(client: number, atLeast: number): Life {
    let life = this.#lives.get(client);
    if (life === undefined) {
      life = { born: new Uint32Array(32), died: new Uint32Array(32), next: 0 };
      this.#lives.set(client, life);
    }
    if (life.born.length < atLeast) {
      const size = Math.max(atLeast, 2 * life.born.length);
      life.born = grown(life.born, size);
      life.died = grown(life.died, size);
    }
    return life;
  }

  #list(seq: number): void {
    const language = this.#doc.getMap("settings").get("language");
    const now: Listing = {
      seq,
      language: typeof language === "string" ? language : null,
      files: textNames(this.#doc.getMap("files")),
    };
    const last = this.#listings.at(-1) ?? NOTHING;
    if (
      now.language !== last.language ||
      JSON.stringify([...now.files]) !== JSON.stringify([...last.files])
    )
      this.#listings.push(now);
  }

  #weaveIn(): void {
    if (this.#waiting.length === 0) return;
    const updates = this.#waiting;
    this.#waiting = [];
    this.#doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#doc, update);
    });
    this.#histories.clear();
  }
}

/** The index of the last of some ordered things that is not beyond an entry; -1 when all are. */
export function upTo(things: readonly { seq: number }[], seq: number): number {
  let [low, high] = [0, things.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((things[middle] as { seq: number }).seq <= seq) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function grown(old: Uint32Array, size: number): Uint32Array {
  const array = new Uint32Array(size);
  array.set(old);
  return array;
}
