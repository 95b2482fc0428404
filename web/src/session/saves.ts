/**
 * Knows whether this person's work is safe.
 *
 * Every local edit gets a number. The server echoes a number once everything sent before it is committed, so edits up
 * to the last echo are safe whatever happens; the others are still only in this browser.
 */
export class SaveTracker {
  #edits = 0;
  #safe = 0;

  /** Count a local edit; return the number to ask an acknowledgement for. */
  edited(): number {
    this.#edits += 1;
    return this.#edits;
  }

  /** The server has committed everything up to edit `number`. Echoes may come late or twice, never too high. */
  acknowledged(number: number): void {
    if (number > this.#safe && number <= this.#edits) this.#safe = number;
  }

  /** Edits that are only in this browser. */
  get unsaved(): number {
    return this.#edits - this.#safe;
  }

  /** The number to ask for after a reconnection, once everything has been sent again. */
  get latest(): number {
    return this.#edits;
  }
}
