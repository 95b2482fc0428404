import * as encoding from "lib0/encoding";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { ownClock, ownSince, watchHearing } from "./soundness";

const TOO_DEEP = 4_000;
const AUTHOR = 4_343;

/** What a hostile peer sends: maps inside maps, and the deletion of the outermost. */
function hostile(): Uint8Array[] {
  const nested = encoding.encode((encoder) => {
    for (const number of [1, TOO_DEEP, AUTHOR, 0]) encoding.writeVarUint(encoder, number);
    for (let depth = 0; depth < TOO_DEEP; depth++) {
      // A map (1), under the key k of a root or of what came before.
      encoding.writeUint8(encoder, 0x27);
      encoding.writeVarUint(encoder, depth === 0 ? 1 : 0);
      if (depth === 0) encoding.writeVarString(encoder, "x");
      else for (const part of [AUTHOR, depth - 1]) encoding.writeVarUint(encoder, part);
      encoding.writeVarString(encoder, "k");
      encoding.writeVarUint(encoder, 1);
    }
    encoding.writeVarUint(encoder, 0);
  });
  const deletion = encoding.encode((encoder) => {
    for (const number of [0, 1, AUTHOR, 1, 0, 1]) encoding.writeVarUint(encoder, number);
  });
  return [nested, deletion];
}

describe("a document", () => {
  it("that hears is left alone", async () => {
    const doc = new Y.Doc();
    let deaf = 0;
    watchHearing(doc, () => (deaf += 1));
    doc.getText("t").observe(() => {
      throw new Error("an observer's own fault");
    });
    expect(() => doc.getText("t").insert(0, "a")).toThrow("own fault");
    await Promise.resolve();
    expect(deaf).toBe(0);
  });

  it("that has gone deaf is noticed, and what its author wrote then can be had", async () => {
    const doc = new Y.Doc();
    let deaf = 0;
    watchHearing(doc, () => (deaf += 1));
    doc.getText("t").insert(0, "before ");
    const told = ownClock(doc);
    for (const update of hostile()) {
      try {
        Y.applyUpdate(doc, update);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
    await Promise.resolve();
    expect(deaf).toBe(1);
    let heard = 0;
    doc.on("update", () => (heard += 1));
    doc.getText("t").insert(7, "after");
    expect(heard).toBe(0);
    const other = new Y.Doc();
    other.getText("t");
    const rest = ownSince(doc, told);
    expect(rest).not.toBeNull();
    const before = new Y.Doc();
    before.clientID = doc.clientID;
    before.getText("t").insert(0, "before ");
    Y.applyUpdate(other, Y.encodeStateAsUpdate(before));
    Y.applyUpdate(other, rest as Uint8Array);
    expect(other.getText("t").toString()).toBe("before after");
    expect(ownSince(before, ownClock(before))).toBeNull();
  });
});
