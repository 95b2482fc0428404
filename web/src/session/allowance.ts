/** How much text still fits. What would be refused by the server is refused here, before it is made: nobody is thrown out. */
import type * as Y from "yjs";

const utf8 = new TextEncoder();

export function bytesOf(text: string): number {
  return utf8.encode(text).length;
}

export class Allowance {
  /** The longest text of the session, all files together, in bytes of UTF-8. */
  max = Number.POSITIVE_INFINITY;
  maxFiles = Number.POSITIVE_INFINITY;
  /** Never less than there is: counting all of it is for when that is near the limit. */
  #atMost = 0;

  constructor(
    doc: Y.Doc,
    private readonly everything: () => Iterable<string>,
  ) {
    doc.on("update", (update: Uint8Array) => {
      this.#atMost += update.length;
    });
  }

  /** Whether so much more text fits; less than nothing always does. */
  admits(bytes: number): boolean {
    if (bytes <= 0 || this.#atMost + bytes <= this.max) return true;
    this.#atMost = 0;
    for (const text of this.everything()) this.#atMost += bytesOf(text);
    return this.#atMost + bytes <= this.max;
  }
}
