import { beforeEach, expect, it, vi } from "vitest";
import type { Kept } from "./disk";

/** What browsers have, of any size. */
class Shelf {
  constructor() {
    Object.defineProperties(this, {
      getItem: { value: (name: string) => Reflect.get(this, name) ?? null },
      setItem: { value: (name: string, text: string) => Reflect.set(this, name, text) },
      removeItem: { value: (name: string) => Reflect.deleteProperty(this, name) },
    });
  }
}

const SCOPES = { includes: (scope: string) => scope === "room/zoe" } as unknown as IDBKeyRange;

function held(number: number, length = 3): Kept {
  const update = new Uint8Array(length).fill(number);
  return { scope: "room/zoe", window: "w", number, update };
}

/** As another page has it that is opened later. */
async function opened() {
  vi.resetModules();
  return import("./little-disk");
}

async function found(): Promise<Kept[]> {
  return (await opened()).read(SCOPES).map(([, kept]) => kept);
}

beforeEach(() => {
  vi.stubGlobal("localStorage", new Shelf());
});

it("has what a window holds, and nothing once that is safe", async () => {
  const disk = await opened();
  disk.settle("w", [held(1), held(2)], []);
  disk.settle("other", [{ ...held(1), scope: "elsewhere/zoe", window: "other" }], []);
  expect(await found()).toEqual([held(1), held(2)]);
  disk.settle("w", [held(2)], []);
  expect(await found()).toEqual([held(2)]);
  disk.settle("w", [], []);
  expect(await found()).toEqual([]);
  expect(Object.keys(localStorage)).toHaveLength(1);
});

it("lets go of what another window left once this one has it", async () => {
  (await opened()).settle("gone", [{ ...held(7), window: "gone" }], []);
  const disk = await opened();
  const keys = disk.read(SCOPES).map(([key]) => key);
  disk.settle("w", [held(1)], keys);
  expect(await found()).toEqual([held(1)]);
});

it("says so when it is full, and keeps what fits", async () => {
  const disk = await opened();
  disk.settle("w", [held(1, 1_000_000)], []);
  expect(() => disk.settle("w", [held(1), held(2, 1_000_000)], [])).not.toThrow();
  expect(() => disk.settle("w", [held(2), held(3, 1_500_000)], [])).toThrow();
  disk.settle("w", [held(3, 1_400_000)], []); // there is room again
  expect((await found()).map(({ number }) => number)).toEqual([3]);
});

it("keeps edits rather than the document that they build on", async () => {
  const disk = await opened();
  const document = held(0, 1_400_000);
  disk.settle("w", [document, held(1)], []);
  expect((await found()).map(({ number }) => number).sort()).toEqual([0, 1]);
  disk.settle("w", [document, held(1), held(2, 200_000)], []);
  expect((await found()).map(({ number }) => number).sort()).toEqual([1, 2]);
});

it("has what was refused as that", async () => {
  const disk = await opened();
  const kept = held(1);
  disk.settle("w", [kept], []);
  disk.settle("w", [{ ...kept, refused: { code: 1009, reason: "large" } }], []);
  expect((await found())[0]?.refused?.code).toBe(1009);
});

it("passes over what is no entry, and over a store that is denied", async () => {
  localStorage.setItem("pizarra.unsent.w/1", "{");
  expect(await found()).toEqual([]);
  const deny = () => {
    throw new DOMException("", "SecurityError");
  };
  vi.stubGlobal("localStorage", new Proxy({}, { get: deny, ownKeys: deny }));
  expect(await found()).toEqual([]);
  const disk = await opened();
  expect(() => disk.settle("w", [held(1)], [])).toThrow();
});
