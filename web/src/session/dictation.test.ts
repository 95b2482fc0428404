import { expect, test } from "vitest";
import { dictated } from "./dictation";

const event = (inputType: string, data: string | null = null, isComposing = false) =>
  ({ inputType, data, isComposing }) as InputEvent;

test.each([
  ["an emoji", event("insertText", "😀"), false, "😀"],
  ["a sentence", event("insertText", "one\ntwo"), false, "one\rtwo"],
  ["a new line", event("insertLineBreak"), false, "\r"],
  ["taking back", event("deleteContentBackward"), false, "\x7f"],
  ["the letter of a key", event("insertText", "a"), true, null],
  ["a candidate", event("insertText", "に", true), false, null],
  ["a paste", event("insertFromPaste", "x"), false, null],
])("%s", (_what, input, byKey, text) => {
  expect(dictated(input, byKey)).toBe(text);
});
