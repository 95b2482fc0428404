import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { SharedFiles } from "./shared-files";
import { relative } from "./follow";

/** Somebody's document, and what the others get of it: nothing until they meet. */
function somebody(clientId: number): { doc: Y.Doc; files: SharedFiles } {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  return { doc, files: new SharedFiles(doc) };
}

function added(files: SharedFiles, path: string, text: string): string {
  const name = files.add(path, text);
  if (name === null) throw new Error("one may");
  return name;
}

type Somebody = ReturnType<typeof somebody>;

async function meet(...people: Somebody[]): Promise<void> {
  // Twice: what one does about what another did comes to the others as well.
  for (let round = 0; round < 3; round++) {
    for (const from of people)
      for (const to of people)
        if (from !== to) Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc), "remote");
    await Promise.resolve();
  }
}

function contents({ files }: Somebody): Record<string, string> {
  return Object.fromEntries(
    [...files.listed.get()].map(([path, name]) => [path, files.text(name).toString()]),
  );
}

describe("files that several people change at once", () => {
  let zoe: Somebody;
  let ana: Somebody;
  beforeEach(() => {
    zoe = somebody(1);
    ana = somebody(2);
  });

  it("are typed in on under their new name", async () => {
    const name = added(zoe.files, "helper.py", "x");
    await meet(zoe, ana);
    ana.files.rename("helper.py", "lib/tools.py");
    zoe.files.text(name).insert(1, " = 1\r");
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual({ "lib/tools.py": "x = 1\r" });
    expect(contents(ana)).toEqual(contents(zoe));
    expect(zoe.files.pathOf(name)).toBe("lib/tools.py");
  });

  it("keep one name of two that were given at once, and follow the next", async () => {
    zoe.files.add("helper.py", "x");
    await meet(zoe, ana);
    zoe.files.rename("helper.py", "b.py");
    ana.files.rename("helper.py", "a.ts");
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual({ "a.ts": "x" });
    ana.files.rename("a.ts", "c.py");
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual({ "c.py": "x" });
    zoe.files.remove("c.py");
    await meet(zoe, ana);
    expect(contents(ana)).toEqual({});
  });

  it.each([
    ["the same text is there once", "a,b\n1,2\n", "a,b\n1,2\n", { "data.csv": "a,b\n1,2\n" }],
    ["an empty one goes along with the other", "", "theirs", { "data.csv": "theirs" }],
  ])("under one name: %s", async (_, mine, theirs, become) => {
    zoe.files.add("data.csv", mine);
    ana.files.add("data.csv", theirs);
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual(become);
    expect(contents(ana)).toEqual(become);
  });

  it("under one name, with two texts: both are whole, under two names", async () => {
    const [mine, theirs] = [added(zoe.files, "util.py", ""), added(ana.files, "util.py", "")];
    zoe.files.text(mine).insert(0, "def one(): pass\n");
    ana.files.text(theirs).insert(0, "def two(): pass\n");
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual({
      "util.py": "def two(): pass\n",
      "util-2.py": "def one(): pass\n",
    });
    expect(contents(ana)).toEqual(contents(zoe));
    expect(zoe.files.clashed.get()).toMatchObject({ path: "util.py", now: mine });
    expect(ana.files.clashed.get()).toBeNull();
  });

  it("are not doubled by three who add one at once, nor do two who were renamed to one name vanish", async () => {
    const ida = somebody(3);
    for (const each of [zoe, ana, ida]) each.files.add("n.md", `by ${each.doc.clientID}`);
    await meet(zoe, ana, ida);
    expect(Object.values(contents(zoe)).sort()).toEqual(["by 1", "by 2", "by 3"]);
    const [one, other] = zoe.files.paths as [string, string];
    zoe.files.rename(one, "same.md");
    ana.files.rename(other, "same.md");
    await meet(zoe, ana, ida);
    expect(Object.values(contents(ida)).sort()).toEqual(["by 1", "by 2", "by 3"]);
  });

  it("come back as they were, with what was typed meanwhile, beside a new one of that name", async () => {
    const name = added(zoe.files, "a.py", "mine");
    await meet(zoe, ana);
    ana.files.remove("a.py");
    zoe.files.text(name).insert(4, " and more");
    ana.files.add("a.py", "");
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual({ "a.py": "" });
    expect(ana.files.deleted()).toEqual([name]);
    expect(ana.files.bringBack(name)).toBe("a-2.py");
    await meet(zoe, ana);
    expect(contents(zoe)).toEqual({ "a.py": "", "a-2.py": "mine and more" });
    expect(zoe.files.deleted()).toEqual([]);
  });

  it("are offered back whatever their text is called, but not what is no text", () => {
    const entries = zoe.doc.getMap("files");
    zoe.doc.getText("the client's own").insert(0, "x");
    entries.set("a.py", { language: "python", text: "the client's own" });
    zoe.doc.getMap("settings").set("language", "python");
    zoe.files.remove("a.py");
    expect(zoe.files.deleted()).toEqual(["the client's own"]);
    zoe.files.rename(zoe.files.bringBack("the client's own") ?? "", "b.py");
    expect(contents(zoe)).toEqual({ "b.py": "x" });
  });

  it("are read as a stock client leaves them", () => {
    const stock = new Y.Doc();
    stock.getMap("files").set("main.py", { language: "python" });
    stock.getText("file:main.py").insert(0, "print(1)\n");
    Y.applyUpdate(zoe.doc, Y.encodeStateAsUpdate(stock));
    expect(contents(zoe)).toEqual({ "main.py": "print(1)\n" });
    zoe.files.rename("main.py", "old.py");
    zoe.files.rename("old.py", "main.py");
    expect(zoe.doc.getMap("files").get("main.py")).toEqual({ language: "python" });
  });
});

describe("texts", () => {
  it("come with Unix line ends", () => {
    const { files } = somebody(1);
    expect(files.text(added(files, "a.py", "one\r\ntwo\rthree")).toString()).toBe(
      "one\ntwo\nthree",
    );
  });

  it("are found by a place in them, whatever the file is called now", () => {
    const { files } = somebody(1);
    const name = added(files, "a.py", "abc");
    const place = relative(files.text(name), 2);
    files.rename("a.py", "b.py");
    expect(files.locate(place)).toEqual({ name, index: 2 });
    for (const nonsense of [
      null,
      undefined,
      7,
      "x",
      {},
      { tname: "files" },
      { item: { client: 9, clock: 9 } },
    ])
      expect(files.isListed(files.locate(nonsense)?.name ?? "")).toBe(false);
  });

  it("that were deleted are emptied when they are too many, the oldest first, but not under somebody's hands", () => {
    const { files } = somebody(1);
    const names = ["a", "b", "c", "d"].map((path) => added(files, path, "x".repeat(100)));
    for (const path of files.paths) files.remove(path);
    files.forget(250, (name) => name === names[0]);
    expect(names.map((name) => files.text(name).length)).toEqual([100, 0, 100, 100]);
  });
});

it("changes nothing for who may not write", () => {
  const doc = new Y.Doc();
  let may = true;
  const files = new SharedFiles(doc, () => may);
  const name = added(files, "a.py", "abc");
  const gone = added(files, "b.py", "abc");
  files.remove("b.py");
  may = false;
  let changes = 0;
  doc.on("update", () => (changes += 1));
  expect(files.add("c.py", "")).toBeNull();
  expect(files.rename("a.py", "d.py")).toBe(false);
  expect(files.replace(name, 0, 1, "x")).toBe(false);
  expect(files.bringBack(gone)).toBeNull();
  expect(files.remove("a.py")).toBe(false);
  files.forget(0, () => false);
  expect(changes).toBe(0);
  may = true;
  expect(files.replace(name, 0, 1, "x")).toBe(true);
  expect(files.text(name).toString()).toBe("xbc");
});
