import { expect, test } from "vitest";
import { typed } from "./dictation";

test.each([
  ["an emoji", "", "😀", "😀"],
  ["a sentence", "", "one\ntwo", "one\rtwo"],
  ["a new line", "one", "one\n", "\r"],
  ["taking back", "one", "on", "\x7f"],
  ["taking back an emoji", "a😀", "a", "\x7f"],
  ["a correction", "say teh", "say the ", "\x7f\x7fhe "],
  ["a letter twice", "aa", "aaa", "a"],
  ["in the middle", "print()", "print(x)", "x"],
  ["a word that is composed once more, as it stands", "test", "test", ""],
])("%s", (_what, before, after, told) => {
  expect(typed(before, after)).toBe(told);
});
