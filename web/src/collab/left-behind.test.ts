import { expect, it } from "vitest";
import * as Y from "yjs";
import { LeftBehind } from "./left-behind";
import { left } from "./remains";

// No disk: what a window of this page leaves behind is here all the same.
function leave(
  updates: Uint8Array[],
  more: { scope?: string; refused?: { code: number; reason: string } } = {},
) {
  left.clear();
  updates.forEach((update, number) =>
    left.set(`w/${number}`, { scope: "room/zoe", window: "w", number, update, ...more }),
  );
  Object.assign(globalThis, { IDBKeyRange: { bound: () => null }, navigator: {}, indexedDB: {} });
  return LeftBehind.in("room");
}

function typed(doc: Y.Doc, text: string): Uint8Array {
  const before = Y.encodeStateVector(doc);
  doc.getText("file:main.py").insert(doc.getText("file:main.py").length, text);
  return Y.encodeStateAsUpdate(doc, before);
}

it("knows what a document lacks, and what has arrived", async () => {
  const doc = new Y.Doc();
  const server = new Y.Doc();
  typed(doc, "start");
  Y.applyUpdate(server, Y.encodeStateAsUpdate(doc));
  const edit = typed(doc, " mine");
  const found = await leave([Y.encodeStateAsUpdate(doc), edit]);
  expect(found.bringsNewsTo(server)).toBe(true);
  expect(found.document(null).getText("file:main.py").toString()).toBe("start mine");
  Y.applyUpdate(server, edit);
  expect(found.bringsNewsTo(server)).toBe(false);
});

it("shows the words of edits whose document is not here", async () => {
  const doc = new Y.Doc();
  typed(doc, "start");
  const found = await leave([new Uint8Array([0, 0]), typed(doc, " one"), typed(doc, " two")]);
  expect(found.bringsNewsTo(new Y.Doc())).toBe(true);
  expect(found.typed()).toBe(" one two");
});

it("tells apart what may be sent, what was refused, and what is somebody else's", async () => {
  const edit = typed(new Y.Doc(), "x");
  expect((await leave([edit])).sorted("room", "zoe").mine.isEmpty).toBe(false);
  expect((await leave([edit])).sorted("room", "ana").others.isEmpty).toBe(false);
  const refused = { code: 4400, reason: "too large" };
  const { mine, refused: parts } = (await leave([edit], { refused })).sorted("room", "zoe");
  expect(mine.isEmpty).toBe(true);
  expect(parts.map(({ how }) => how)).toEqual([refused]);
  await parts[0]?.left.forget();
  expect(left.size).toBe(0);
});
