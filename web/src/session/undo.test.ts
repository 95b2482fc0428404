import { EditorSelection, Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { atChange, reach } from "./undo";

const doc = Text.of(["one", "two", "three", "four"]);
const caret = (at: number) => EditorSelection.cursor(at);

describe("where a text is another one now", () => {
  it.each([
    [[{ retain: 4 }, { insert: "new" }], { from: 4, to: 7 }],
    [[{ retain: 4 }, { delete: 3 }], { from: 4, to: 4 }],
    [
      [{ insert: "a" }, { retain: 5 }, { delete: 2 }, { retain: 1 }, { insert: "bc" }],
      { from: 0, to: 9 },
    ],
  ])("is found: %j", (delta, found) => {
    expect(reach(delta)).toEqual(found);
  });
});

describe("the caret after undo or redo", () => {
  const changed = { from: 15, to: 17 };

  it("is where it was, on the lines that changed", () => {
    expect(atChange(doc, caret(14), changed)).toMatchObject({ anchor: 14, head: 14 });
    expect(atChange(doc, EditorSelection.range(18, 2), changed)).toMatchObject({
      anchor: 18,
      head: 2,
    });
  });

  it("is at the end of what changed, when it was elsewhere", () => {
    expect(atChange(doc, caret(0), changed)).toEqual({ anchor: 17, head: 17 });
    expect(atChange(doc, null, changed)).toEqual({ anchor: 17, head: 17 });
  });
});
