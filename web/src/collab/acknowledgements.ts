/**
 * Knows whether this person's work is safe, and when to ask.
 *
 * Every local edit gets a number. The server echoes a number once everything sent before it is committed, so edits up
 * to the last echo are safe whatever happens; the others are still only in this browser. One question is under way at
 * a time: while it is, edits gather, and the next question covers them all.
 */
export class SaveTracker {
  #edits = 0;
  #safe = 0;
  #asked: number | null = null;

  /** Count a local edit; return its number. */
  edited(): number {
    this.#edits += 1;
    return this.#edits;
  }

  /** The number to ask an acknowledgement for now, or null when there is nothing to ask or a question is under way. */
  ask(): number | null {
    if (this.#asked !== null || this.#safe === this.#edits) return null;
    this.#asked = this.#edits;
    return this.#asked;
  }

  /** The connection was lost, and the question with it. */
  disconnected(): void {
    this.#asked = null;
  }

  /** The server has committed everything up to edit `number`. Echoes may come late or twice, never too high. */
  acknowledged(number: number): void {
    if (number > this.#edits) return;
    if (number > this.#safe) this.#safe = number;
    if (this.#asked !== null && number >= this.#asked) this.#asked = null;
  }

  /** Edits that are only in this browser. */
  get unsaved(): number {
    return this.#edits - this.#safe;
  }

  /** The last edit known to be safe. */
  get safe(): number {
    return this.#safe;
  }
}
