import { describe, expect, it } from "vitest";
import { decode } from "./decoding";

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, big: boolean) =>
  Uint8Array.from(
    [...text].flatMap((each) => {
      const unit = each.charCodeAt(0);
      return big ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8];
    }),
  );
const latin = (text: string) => Uint8Array.from(text, (each) => each.charCodeAt(0));

describe("the text of a file", () => {
  it.each([
    ["UTF-8", utf8("año 👩🏽‍💻\n"), "año 👩🏽‍💻\n", null],
    ["UTF-8 with a mark", utf8("\ufeffaño"), "año", null],
    ["nothing", new Uint8Array(), "", null],
    ["colours for a terminal", utf8("\x1b[31mred"), "\x1b[31mred", null],
    ["UTF-16 with a mark", Uint8Array.of(0xff, 0xfe, ...utf16("ñ = 1", false)), "ñ = 1", null],
    [
      "UTF-16, the other way round",
      Uint8Array.of(0xfe, 0xff, ...utf16("ñ = 1", true)),
      "ñ = 1",
      null,
    ],
    ["UTF-16 without a mark", utf16("print(1)\n", false), "print(1)\n", null],
    ["the other way round without a mark", utf16("print(1)\n", true), "print(1)\n", null],
    ["Latin-1", latin("name,año\nPeña\n"), "name,año\nPeña\n", "Windows-1252"],
  ])("is read: %s", (_, bytes, text, guessed) => {
    expect(decode(bytes)).toEqual({ text, guessed });
  });

  it.each([
    ["a NUL", utf8("a\0b\n")],
    ["a picture", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
    ["a picture without NUL", Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0x10, 0x01, 0x02)],
    ["half a pair of UTF-16", Uint8Array.of(0xff, 0xfe, 0x00, 0xd8, 0x61, 0x00)],
    ["UTF-32", Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0)],
  ])("is not there: %s", (_, bytes) => {
    expect(decode(bytes)).toBeNull();
  });
});
