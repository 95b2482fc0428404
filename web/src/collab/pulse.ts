/** Feels a connection's pulse: a network that swallows everything without a word is noticed within five seconds. */

const TICK_MS = 500;
const EVERY_MS = 2000;
const PATIENCE_MS = 2000;
const ASLEEP_MS = 10_000;

export interface Feelings {
  /** Ask the server for an answer. */
  ask: () => void;
  /** Nothing has come since it was asked, for so long; said at every tick. */
  onSilence: (ms: number) => void;
  /** This computer slept, or its window was put to sleep. */
  onWake: () => void;
}

export class Pulse {
  #timer: ReturnType<typeof setInterval> | undefined;
  #asked = Number.NEGATIVE_INFINITY;
  /** Since when an answer is due. */
  #due: number | null = null;
  #ticked = 0;

  constructor(private readonly feelings: Feelings) {}

  /** A connection is being made: begin to ask. */
  start(): void {
    this.stop();
    this.#ticked = Date.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.ask();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#due = null;
  }

  /** Something came. */
  heard(): void {
    this.#due = null;
  }

  ask(): void {
    this.#asked = performance.now();
    this.#due ??= this.#asked;
    this.feelings.ask();
  }

  #tick(): void {
    const slept = Date.now() - this.#ticked > ASLEEP_MS; // the other clock stands still meanwhile
    this.#ticked = Date.now();
    const now = performance.now();
    if (slept) this.feelings.onWake();
    else if (this.#due !== null && now - this.#due >= PATIENCE_MS)
      this.feelings.onSilence(now - this.#due);
    if (now - this.#asked >= EVERY_MS) this.ask();
  }
}
