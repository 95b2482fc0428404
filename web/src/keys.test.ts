import { expect, it } from "vitest";
import { isMod, keyOf } from "./keys";

it.each([
  ["s", "KeyS", "s"],
  ["S", "KeyS", "s"],
  ["o", "KeyS", "o"], // Dvorak
  ["ы", "KeyS", "s"], // Russian
  ["σ", "KeyS", "s"], // Greek
  ["ю", "Period", "."],
  [".", "Slash", "."], // Russian again
  ["ñ", "Semicolon", "ñ"],
  ["é", "Digit2", "é"],
  ["Enter", "Enter", "enter"],
  ["Dead", "KeyI", "dead"],
])("takes %s at %s for %s", (key, code, wanted) => {
  expect(keyOf({ key, code })).toBe(wanted);
});

it.each([
  [{ ctrlKey: true, metaKey: false, altKey: false }, true],
  [{ ctrlKey: false, metaKey: true, altKey: false }, true],
  [{ ctrlKey: true, metaKey: false, altKey: true }, false], // AltGr
  [{ ctrlKey: false, metaKey: false, altKey: true }, false],
])("takes %o for the modifier of a shortcut: %s", (held, wanted) => {
  expect(isMod(held)).toBe(wanted);
});
