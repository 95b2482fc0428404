import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { addFile, deleteFile, languageOf, problemWithPath, renameFile } from "./file-actions";
import type { Room } from "./room";

function room(): Room {
  const doc = new Y.Doc();
  return {
    files: doc.getMap("files"),
    text: (path: string) => doc.getText(`file:${path}`),
  } as unknown as Room;
}

describe("the name of a file", () => {
  it("tells its language", () => {
    expect(["a.py", "b.test.ts", "C.java", "d.HPP", "notes.md", "Makefile"].map(languageOf)).toEqual([
      "python",
      "typescript",
      "java",
      "cpp",
      "text",
      "text",
    ]);
  });
  it.each(["", "../x.py", "/x.py", "a//b.py", "a/", ".", "a\nb", "x".repeat(201)])(
    "is refused: %j",
    (path) => {
      expect(problemWithPath(path, [])).not.toBeNull();
    },
  );
  it("is not taken, and no folder", () => {
    expect(problemWithPath("a.py", ["a.py"])).toContain("already");
    expect(problemWithPath("lib", ["lib/a.py"])).toContain("folder");
    expect(problemWithPath("lib/a.py", ["lib"])).toContain("folder");
    expect(problemWithPath("lib/ñ tools.py", ["a.py"])).toBeNull();
  });
});

describe("files", () => {
  it("come with Unix line ends, and empty where one was deleted", () => {
    const here = room();
    addFile(here, "a.py", "one\r\ntwo\rthree");
    expect(here.text("a.py").toString()).toBe("one\ntwo\nthree");
    deleteFile(here, "a.py");
    addFile(here, "a.py", "");
    expect(here.text("a.py").toString()).toBe("");
  });
  it("come back as they were, with what others wrote meanwhile", () => {
    const here = room();
    addFile(here, "a.py", "mine");
    const undo = deleteFile(here, "a.py");
    expect([...here.files.keys()]).toEqual([]);
    here.text("a.py").insert(4, " and theirs");
    undo();
    expect(here.text("a.py").toString()).toBe("mine and theirs");
    expect(here.files.get("a.py")).toEqual({ language: "python" });
  });
  it("take their text along to another name", () => {
    const here = room();
    addFile(here, "a.py", "x");
    renameFile(here, "a.py", "b.ts");
    expect([...here.files.keys()]).toEqual(["b.ts"]);
    expect(here.text("b.ts").toString()).toBe("x");
    expect(here.files.get("b.ts")).toEqual({ language: "typescript" });
  });
});
