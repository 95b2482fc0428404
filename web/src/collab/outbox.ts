/**
 * Edits that the server has not acknowledged: held by this window, and kept in IndexedDB as far as the browser lets us, or
 * else in the little room of `localStorage`, so that a crashed tab or a closed laptop loses nothing.
 *
 * Each window keeps its own; what a window that is gone has left behind is found by the next one of the same person.
 * Sending an edit twice does no harm: Yjs takes it in once. Edit 0 is the document that the others build on. What the server
 * refused for its own sake is kept too, to be seen and copied, and sent no more.
 */
import { Observable } from "../observable";
import { Disk, type Kept, type Refusal } from "./disk";
import { left, leftIn, littleDisk } from "./remains";

/** A write takes a few milliseconds; what takes longer than this is not kept yet. */
const GRACE_MS = 300;
const RETRY_MS = 3000;

/** Whether the browser keeps it; "little": where there is not much room. */
export type Keeping = boolean | "little";

export class Outbox {
  /** Whether everything that is held is kept by the browser too. */
  readonly kept = new Observable<Keeping>(true);
  /** How often the browser failed to keep something. */
  readonly faults = new Observable(0);
  readonly #window: string = crypto.randomUUID?.() ?? String(Math.random());
  readonly #disk = new Disk(() => this.#again());
  readonly #held = new Map<number, Uint8Array>();
  readonly #written = new Set<number>();
  /** On the disk, perhaps, and not wanted there any more. */
  readonly #spare = new Set<IDBValidKey>();
  #scope: string | null = null;
  #settling = false;
  #closed = false;
  #refused: Refusal | undefined;
  #little: Awaited<ReturnType<typeof littleDisk>> = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #release: () => void = () => undefined;

  constructor() {
    // A window holds a lock as long as it lives: whose lock is gone, is gone.
    const held = () => new Promise<void>((resolve) => (this.#release = resolve));
    navigator.locks?.request(this.#window, held).catch(() => undefined);
    // Now, while there is a connection: when it is wanted there may be none.
    void this.#fetchLittle().then(() => this.#settle());
  }

  /** Hold an edit until `forget` covers its number. */
  hold(number: number, update: Uint8Array): void {
    this.#held.set(number, update);
    if (this.#closed) this.#leave();
    if (this.kept.get() !== true || this.#scope === null) this.#makeDo();
    void this.#settle();
  }

  /** Whether the document that the held edits build on is held too. */
  get hasBase(): boolean {
    return this.#held.has(0);
  }

  /** How much is held. */
  get bytes(): number {
    let sum = 0;
    for (const update of this.#held.values()) sum += update.length;
    return sum;
  }

  /** Forget the edits up to `number`: they are safe. */
  forget(number: number): void {
    const covered = [...this.#held.keys()].filter((each) => each > 0 && each <= number);
    if (covered.length + Number(this.hasBase) === this.#held.size) covered.push(0);
    for (const each of covered) {
      if (this.#held.delete(each)) this.#spare.add(this.#key(each));
      this.#written.delete(each);
    }
    void this.#settle();
  }

  /** Say whose edits these are, and in which room: from now on they are kept. */
  belongTo(room: string, person: string): void {
    this.#scope = `${room}/${person}`;
    void this.#settle();
  }

  /** Return what windows of this person that are gone have left behind and may be sent, in the order it was made. */
  async leftBehind(): Promise<{ key: IDBValidKey; update: Uint8Array }[]> {
    const scope = this.#scope;
    if (scope === null) return [];
    const found = await leftIn(this.#disk, IDBKeyRange.only(scope), (kept) => kept.scope === scope);
    // The document that they build on comes last: sent one by one, none is larger than when it was made.
    const place = ({ number }: Kept) => (number === 0 ? Number.MAX_SAFE_INTEGER : number);
    return found
      .filter(([, kept]) => kept.window !== this.#window && !kept.refused)
      .sort(([, one], [, other]) => place(one) - place(other))
      .map(([key, { update }]) => ({ key, update }));
  }

  /** Forget what was found left behind: it is this window's now. */
  drop(keys: readonly IDBValidKey[]): void {
    for (const key of keys) {
      left.delete(String(key));
      this.#spare.add(key);
    }
    void this.#settle();
  }

  /** The window lets go of the room: what is held is left to the next one, or to be seen if it was refused. */
  async close(refused?: Refusal): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#refused = refused;
    if (refused) this.#written.clear();
    this.#leave();
    await this.#settle();
    clearTimeout(this.#retry);
    this.#release();
    this.#disk.close();
  }

  #leave(): void {
    for (const number of this.#held.keys()) {
      const kept = this.#keep(number);
      if (kept) left.set(this.#key(number), kept);
    }
  }

  #keep(number: number): Kept | null {
    const update = this.#held.get(number);
    if (this.#scope === null || update === undefined) return null;
    return { scope: this.#scope, window: this.#window, number, update, refused: this.#refused };
  }

  #key(number: number): string {
    return `${this.#window}/${number}`;
  }

  /** The disk may have lost everything: write it all once more. */
  #again(): void {
    this.#written.clear();
    void this.#settle();
  }

  async #fetchLittle(): Promise<void> {
    this.#little ??= await littleDisk();
  }

  /** What the disk does not take, or not yet, is kept where there is less room. */
  #makeDo(): void {
    let kept: Keeping = this.#held.size === 0;
    try {
      const held = [...this.#held.keys()].flatMap((number) => this.#keep(number) ?? []);
      this.#little?.settle(this.#window, held, this.#spare);
      if (!kept && this.#little && held.length > 0) kept = "little";
    } catch {
      // no room there either
    }
    this.kept.set(kept);
  }

  /** Bring the disk to what is held; where it refuses, say so and try again later. */
  async #settle(): Promise<void> {
    if (this.#settling || this.#scope === null) return;
    this.#settling = true;
    clearTimeout(this.#retry);
    const late = setTimeout(() => this.#makeDo(), GRACE_MS);
    try {
      while (this.#spare.size > 0 || this.#held.size > this.#written.size) await this.#write();
      this.kept.set(true);
    } catch {
      void this.#fetchLittle(); // for the next time: it may be missing still
      this.#written.clear();
      this.#makeDo();
      this.faults.set(this.faults.get() + 1);
      if (this.#held.size > 0) this.#retry = setTimeout(() => void this.#settle(), RETRY_MS);
    }
    clearTimeout(late);
    this.#settling = false;
  }

  async #write(): Promise<void> {
    const spare = [...this.#spare];
    const fresh: Kept[] = [];
    for (const number of this.#held.keys()) {
      const kept = this.#written.has(number) ? null : this.#keep(number);
      if (kept) fresh.push(kept);
    }
    await this.#disk.write((store) => {
      for (const key of spare) store.delete(key);
      for (const kept of fresh) store.put(kept, this.#key(kept.number));
    });
    for (const key of spare) this.#spare.delete(key);
    this.#little?.settle(this.#window, [], spare); // it is safer where it is now
    for (const { number, update, refused } of fresh)
      if (this.#held.get(number) === update && refused === this.#refused) this.#written.add(number); // else it changed meanwhile
  }
}
