import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { textNames } from "../collab/listing";
import { Weave } from "./weave";

const PATHS = ["main.py", "other.py"];

/** Numbers below a bound, the same every time. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Where one may cut a text: the server lets nobody cut a pair of surrogates. */
function boundaries(text: string): number[] {
  let at = 0;
  return [0, ...[...text].map((character) => (at += character.length))];
}

/**
 * What a log may hold: people who type, delete, paste, add and remove files, are offline for a while and send all at
 * once, send twice, and whose edits arrive in another order than they were made in.
 */
function logged(seed: number, edits: number): { author: string; update: Uint8Array }[] {
  const next = chance(seed);
  const server = new Y.Doc();
  const log: { author: string; update: Uint8Array }[] = [];
  const record = (author: string, update: Uint8Array) => {
    Y.applyUpdate(server, update);
    log.push({ author, update });
  };
  const held: { author: string; update: Uint8Array }[] = [];
  const people = ["zoe", "ida", "ana"].map((name) => {
    const doc = new Y.Doc();
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === "sync") return;
      held.push({ author: name, update });
    });
    return { name, doc };
  });
  while (log.length < edits) {
    const { name, doc } = people[next(3)] as (typeof people)[number];
    const text = doc.getText(`file:${PATHS[next(2)]}`);
    const action = next(20);
    const places = boundaries(text.toString());
    const at = next(places.length);
    const place = places[at] as number;
    if (action < 9) text.insert(place, ["a", "λ", "\n", "xyz"][next(4)] as string);
    else if (action < 10) text.insert(place, "👩🏽‍💻");
    else if (action < 14) text.delete(place, (places[at + 1 + next(2)] ?? text.length) - place);
    else if (action < 15)
      doc.transact(() => {
        text.insert(0, "import os\n");
        text.delete(place + 10, text.length - place - 10);
        text.insert(place + 10, "end");
      });
    else if (action < 16)
      doc.getMap("files").set(PATHS[next(2)] as string, {
        language: "python",
        ...(next(2) ? { text: `file:${PATHS[next(2)]}` } : {}),
      });
    else if (action < 17)
      doc.getMap(next(2) ? "files" : "settings").delete(PATHS[next(2)] as string);
    else if (action < 18) doc.getMap("settings").set("language", ["python", "java"][next(2)]);
    else if (action < 19)
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)), "sync");
    else record(name, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server)));
    // Most go out at once; some wait and are overtaken.
    while (held.length > 0 && next(4) > 0) {
      const [{ author, update }] = held.splice(next(8) ? 0 : next(held.length), 1) as [
        (typeof held)[number],
      ];
      record(author, update);
      if (next(30) === 0) record(author, update);
    }
  }
  return log;
}

/** Compare a weave with the document that is made anew from the log, after every entry. */
function compare(
  log: readonly { author: string | null; update: Uint8Array }[],
  weave: Weave,
): void {
  const doc = new Y.Doc();
  log.forEach(({ update }, index) => {
    Y.applyUpdate(doc, update);
    const seq = index + 1;
    const { files, language } = weave.listingAt(seq);
    expect([...files]).toEqual([...textNames(doc.getMap("files"))]);
    expect(language).toBe(doc.getMap("settings").get("language") ?? null);
    for (const path of PATHS) {
      const name = `file:${path}`;
      const text = doc.getText(name);
      expect(weave.text(name, seq)).toBe(text.toString());
      if (seq % 20 !== 0 || text.length === 0) continue;
      expect(weave.blame(name, seq).at(-1)?.to).toBe(text.length);
      const { item, assoc } = Y.createRelativePositionFromTypeIndex(text, (seq * 7) % text.length);
      expect(weave.nameOf(item as Y.ID)).toBe(name);
      expect(weave.offset(name, item as Y.ID, assoc < 0, seq)).toBe((seq * 7) % text.length);
    }
  });
}

describe("Weave", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "is the document at every instant, in whatever order edits arrive (%i)",
    (seed) => {
      const log = logged(seed, 500);
      const weave = new Weave();
      const sizes = log.map(({ author, update }, index) => {
        weave.add(index + 1, author, update);
        return weave.characters;
      });
      compare(log, weave);
      log.forEach((_, index) => {
        const here = PATHS.map((path) => weave.text(`file:${path}`, index + 1).length);
        expect(sizes[index]).toBe(here.reduce((sum, length) => sum + length, 0));
      });
    },
  );

  it("goes on with what comes later, whether somebody looked before or not", () => {
    const log = logged(7, 300);
    const weave = new Weave();
    log.forEach(({ author, update }, index) => {
      weave.add(index + 1, author, update);
      if (index % 3 === 0) weave.text("file:main.py", index + 1);
    });
    compare(log, weave);
  });

  it("knows who wrote what, and what became of a caret's place", () => {
    const doc = new Y.Doc();
    const weave = new Weave();
    let seq = 0;
    let author = "zoe";
    doc.on("update", (update: Uint8Array) => weave.add(++seq, author, update));
    const text = doc.getText("file:main.py");
    text.insert(0, "hello");
    doc.clientID = 7;
    author = "ida";
    text.insert(2, "XY");
    text.delete(1, 2);
    expect(weave.text("file:main.py", 3)).toBe("hYllo");
    expect(weave.blame("file:main.py", 3)).toEqual([
      { from: 0, to: 1, author: "zoe" },
      { from: 1, to: 2, author: "ida" },
      { from: 2, to: 5, author: "zoe" },
    ]);
    expect(weave.offset("file:main.py", { client: 7, clock: 0 }, true, 2)).toBe(3);
    expect(weave.offset("file:main.py", { client: 7, clock: 0 }, true, 3)).toBe(1); // where it was
    expect(weave.offset("file:main.py", { client: 7, clock: 99 }, true, 3)).toBeNull();
    expect(weave.nameOf({ client: 8, clock: 0 })).toBeNull();
  });

  it("plays on after an edit that cannot be read, or that claims a clock without end", () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    doc.getText("file:main.py").insert(0, "a");
    doc.getText("file:main.py").insert(1, "b");
    const hostile = new Y.Doc();
    hostile.clientID = 9;
    hostile.getText("file:main.py").insert(0, "x");
    const far = Y.encodeStateAsUpdate(hostile);
    // The varint of the clock: 1 struct block, 1 struct, client 9, clock 0.
    const claiming = Uint8Array.from([
      ...far.slice(0, 3),
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0x0f,
      ...far.slice(4),
    ]);
    const weave = new Weave();
    const all = [updates[0], Uint8Array.of(255, 255), claiming, updates[1]] as Uint8Array[];
    all.forEach((update, index) => weave.add(index + 1, null, update));
    expect([1, 2, 3, 4].map((seq) => weave.text("file:main.py", seq))).toEqual([
      "a",
      "a",
      "a",
      "ab",
    ]);
    expect(weave.characters).toBe(2);
  });
});
