import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { wholeCharacters } from "./characters";

const state = EditorState.create({ doc: "a😀b", extensions: wholeCharacters });

test.each([
  [
    "an input method's next candidate, which shares the first half",
    { from: 2, to: 3, insert: "\uDE01" },
    "a😁b",
  ],
  ["one that shares the second half", { from: 1, to: 2, insert: "\uD83C" }, "a\uD83C\uDE00b"],
  ["the first half alone, deleted", { from: 1, to: 2 }, "ab"],
  ["the second half alone, deleted", { from: 2, to: 3 }, "ab"],
  ["from one half of a character to another's", { from: 0, to: 2, insert: "x" }, "xb"],
  ["a letter within a character", { from: 2, insert: "x" }, "axb"],
  ["half a character inserted", { from: 0, insert: "\uD83D" }, "a😀b"],
  ["a whole one inserted", { from: 4, insert: "😁" }, "a😀b😁"],
])("%s leaves whole characters", (_what, changes, after) => {
  const { newDoc, newSelection } = state.update({
    changes,
    selection: { anchor: Math.min(changes.from + 1, 3) },
  });
  expect(newDoc.toString()).toBe(after);
  expect(newSelection.main.head).toBeLessThanOrEqual(newDoc.length);
});
