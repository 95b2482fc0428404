/** How many characters of code there are after each edit, counted from the updates without building the document. */
import * as Y from "yjs";

export class Characters {
  #count = 0;
  /** For each client id: which of its clock's ticks are a character that stands. */
  readonly #standing = new Map<number, Uint8Array>();

  get count(): number {
    return this.#count;
  }

  /** Take in the next update. */
  add({ structs, ds }: ReturnType<typeof Y.decodeUpdate>): void {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
      const { client, clock } = struct.id;
      const ticks = this.#ticks(client, clock + struct.length);
      for (let tick = clock; tick < clock + struct.length; tick++)
        if (ticks[tick] === 0) {
          ticks[tick] = 1;
          this.#count += 1;
        }
    }
    for (const [client, ranges] of ds.clients) {
      const ticks = this.#standing.get(client);
      if (ticks === undefined) continue;
      for (const { clock, len } of ranges)
        for (let tick = clock; tick < Math.min(clock + len, ticks.length); tick++)
          if (ticks[tick] === 1) {
            ticks[tick] = 0;
            this.#count -= 1;
          }
    }
  }

  #ticks(client: number, atLeast: number): Uint8Array {
    const have = this.#standing.get(client);
    if (have !== undefined && have.length >= atLeast) return have;
    const grown = new Uint8Array(Math.max(atLeast, 2 * (have?.length ?? 32)));
    if (have) grown.set(have);
    this.#standing.set(client, grown);
    return grown;
  }
}
