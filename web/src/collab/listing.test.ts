import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import cases from "../../../tests/data/listings.json";
import { entryId, MAX_TEXT_NAME, textNames, wonUnseen } from "./listing";

function filesOf(entries: object): Y.Map<unknown> {
  const files = new Y.Doc().getMap("files");
  for (const [path, entry] of Object.entries(entries)) files.set(path, entry);
  return files;
}

function bring(from: Y.Doc, to: Y.Doc): void {
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
}

describe("the listing", () => {
  it.each(cases)("$why", ({ entries, files }) => {
    expect(Object.fromEntries(textNames(filesOf(entries)))).toEqual(files);
  });

  it("takes no name of a text that is too long", () => {
    const [fits, not] = ["x".repeat(MAX_TEXT_NAME), "x".repeat(MAX_TEXT_NAME + 1)];
    expect([...textNames(filesOf({ a: { text: fits }, b: { text: not } })).values()]).toEqual([
      fits,
      "file:b",
    ]);
  });

  it("reads an entry that is a shared map", () => {
    expect(textNames(filesOf({ "a.py": new Y.Map([["text", "t"]]) })).get("a.py")).toBe("t");
  });
});

describe("two entries of one path", () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()];
  one.clientID = 1;
  other.clientID = 2;
  one.getMap("files").set("a.py", { text: "one" });
  const mine = entryId(one.getMap("files"), "a.py") as Y.ID;

  it("are told from one that was replaced", () => {
    const third = new Y.Doc();
    bring(one, third);
    third.getMap("files").delete("a.py");
    third.getMap("files").set("a.py", { text: "three" });
    bring(third, third);
    expect(wonUnseen(third.getMap("files"), "a.py", mine)).toBe(false);
  });

  it("know who won unseen, also when that was changed since", () => {
    other.getMap("files").set("a.py", { text: "other" });
    const theirs = entryId(other.getMap("files"), "a.py") as Y.ID;
    other.getMap("files").set("a.py", { text: "other again" });
    bring(other, one);
    bring(one, other);
    const files = one.getMap("files");
    expect(files.get("a.py")).toEqual({ text: "other again" });
    expect(wonUnseen(files, "a.py", mine)).toBe(true);
    expect(wonUnseen(files, "a.py", theirs)).toBe(false);
  });
});
