import { describe, expect, it } from "vitest";
import {
  commandOf,
  isSeen,
  placedIn,
  placeNamedIn,
  problemWithFile,
  projectOf,
  wordsIn,
} from "./project-files";

describe("a project's files", () => {
  it("says why a name cannot be", () => {
    expect(problemWithFile("test_a.py", ["sums.py"])).toBeNull();
    const others = ["sums.py", "lib/a.py"];
    const wrong = ["", "../a.py", "/a.py", "a\\b", "con.py", "a.", "sums.py", "SUMS.py", "lib"];
    for (const name of [...wrong, "a".repeat(121), "a/".repeat(7) + "b"])
      expect([name, typeof problemWithFile(name, others)]).toEqual([name, "string"]);
  });

  it("tells which of them candidates see", () => {
    const places = Object.keys(placedIn({ files: {}, test_command: [], ways: { python: {} } }));
    expect(places.filter(isSeen)).toEqual(["files", "python/files", "python/tests"]);
    expect(places.filter((place) => !isSeen(place))).toEqual(["python/hidden", "python/reference"]);
  });

  it("is pointed at by what refuses it", () => {
    const placed = { files: { "a.py": "" }, "java/hidden": { "lib/a.py": "", "b.py": "" } };
    expect(placeNamedIn("project: lib/a.py is a file and a folder", placed)).toEqual([
      "java/hidden",
      "lib/a.py",
    ]);
    expect(placeNamedIn("A question needs a title.", placed)).toBeNull();
  });

  it("has no language of which nothing is left", () => {
    const placed = { files: {}, "python/files": {}, "java/tests": { "ATest.java": "" } };
    const before = { files: {}, test_command: [], ways: {} };
    expect(projectOf(placed, " ", before)).toEqual({
      files: {},
      test_command: [],
      ways: { java: { tests: { "ATest.java": "" } } },
    });
  });
});

it("reads a command as it writes it", () => {
  for (const words of [[], ["node", "--test"], ["-k", "not slow"], ["", 'a"b', "c\\d", "ñ"]])
    expect(wordsIn(commandOf(words))).toEqual(words);
  expect(wordsIn("  python   -m pytest ")).toEqual(["python", "-m", "pytest"]);
});
