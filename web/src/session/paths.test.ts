import { describe, expect, it } from "vitest";
import examples from "../../../tests/data/paths.json";
import { problemWithPath } from "./new-file";
import { firstPath, freePath, languageOf, mainOf } from "./paths";

describe("the name of a file", () => {
  it("tells its language", () => {
    expect(
      ["a.py", "b.test.ts", "C.java", "d.HPP", "notes.md", "Makefile"].map(languageOf),
    ).toEqual(["python", "typescript", "java", "cpp", "text", "text"]);
  });
  it.each([...examples.bad, "x".repeat(201), "ñ".repeat(128), `lib/${"ñ".repeat(128)}`])(
    "is refused: %j",
    (path) => {
      expect(problemWithPath(path, [])).not.toBeNull();
    },
  );
  it.each(examples.good)("is taken: %j", (path) => {
    expect(problemWithPath(path, ["main.cpp"])).toBeNull();
  });
  it.each(examples.clashes)("cannot be beside another on every computer: %j, %j", (one, other) => {
    expect(problemWithPath(one as string, [other as string])).not.toBeNull();
    expect(problemWithPath(other as string, [one as string])).not.toBeNull();
  });
  it("is not taken, and no folder", () => {
    expect(problemWithPath("a.py", ["a.py"])).toContain("already");
    expect(problemWithPath("lib", ["lib/a.py"])).toContain("folder");
    expect(problemWithPath("lib/a.py", ["lib"])).toContain("folder");
    expect(problemWithPath("lib/b.py", ["lib/a.py"])).toBeNull();
  });
  it("is told that its folder is there, written otherwise", () => {
    const said = "There is a folder lib, and some computers take Lib for the same: write lib.";
    expect(problemWithPath("Lib/other.py", ["main.py", "lib/tools.py"])).toBe(said);
    expect(problemWithPath("a/B/c.py", ["a/b/d.py"])).toContain("a folder a/b,");
    expect(problemWithPath("LIB/tools.py", ["lib/tools.py"])).toContain(
      "a file lib/tools.py already",
    );
  });
  it("is another one where it is taken", () => {
    expect(freePath("data.csv", ["Data.csv", "data-2.csv"])).toBe("data-3.csv");
    expect(freePath("lib/.env", ["lib/.env"])).toBe("lib/.env-2");
    expect(freePath("a.py", [])).toBe("a.py");
  });
});

describe("the file that is shown first", () => {
  it("is the one that Run runs, not the first of its language", () => {
    expect(firstPath("python", ["a.py", "helper.py", "main.py"])).toBe("main.py");
    expect(firstPath("java", ["Greeter.java", "Main.java"])).toBe("Main.java");
    expect(
      firstPath("ruby", ["a.rb", "main.py"], mainOf("ruby", [{ id: "ruby", main: "a.rb" }])),
    ).toBe("a.rb");
    expect(firstPath("python", ["a.txt", "b.py"])).toBe("b.py");
    expect(firstPath("python", ["a.txt"])).toBe("a.txt");
    expect(firstPath("python", [])).toBeNull();
  });
});
