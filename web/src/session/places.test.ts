import { Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../api";
import { findPlace } from "./places";

const about = (change: Partial<Diagnostic>): Diagnostic => ({
  path: "main.cpp",
  line: 2,
  column: 11,
  end_line: 2,
  end_column: 11,
  severity: "error",
  message: "not declared",
  source: "g++",
  text: "  return missing;",
  ...change,
});

function marked(lines: string[], change: Partial<Diagnostic> = {}): string | null {
  const doc = Text.of(lines);
  const place = findPlace(doc, about(change));
  return place && `${doc.lineAt(place.from).number}: ${doc.sliceString(place.from, place.to)}`;
}

describe("the place of a message", () => {
  it("is the word at a point, or what the compiler says", () => {
    expect(marked(["f() {", "  return missing;", "}"], { column: 10, end_column: 10 })).toBe(
      "2: missing",
    );
    expect(marked(["f() {", "  return missing;", "}"], { column: 3, end_column: 17 })).toBe(
      "2: return missing",
    );
  });

  it("goes with its line, whatever was typed before it came", () => {
    const at = { column: 10, end_column: 17 };
    expect(marked(["// one", "// two", "f() {", "  return missing;"], at)).toBe("4: missing");
    expect(marked(["  return missing;", "}"], at)).toBe("1: missing");
    expect(marked(["  return missing;", "", "", "  return missing;"], at)).toBe("1: missing");
  });

  it("is nowhere when its line says something else, or nobody knows what it said", () => {
    expect(marked(["f() {", "  return found;  ", "}"])).toBeNull();
    expect(marked(["f() {", "  return missing;", "}"], { text: null })).toBeNull();
    expect(marked(["f() {", "  return missing;", "}"], { text: "" })).toBeNull();
  });

  it("ends with its line: what follows may be another line by now", () => {
    expect(
      marked(["f() {", "  return missing;", "new"], { column: 3, end_line: 3, end_column: 4 }),
    ).toBe("2: return missing;");
  });

  it("is on an empty line too, and on one longer than what is told of it", () => {
    expect(marked(["f() {", ""], { text: "", column: 1, end_column: 1 })).toBe("2: ");
    const long = "x".repeat(3000);
    expect(marked(["", long], { text: long.slice(0, 2000), column: 2991, end_column: 2991 })).toBe(
      "2: xxxxxxxxxx",
    );
  });
});
