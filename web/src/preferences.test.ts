import { describe, expect, it } from "vitest";
import { readPreferences } from "./preferences";

const DEFAULTS = {
  theme: "system",
  fontSize: 14,
  tabSize: 4,
  wrap: false,
  keys: "default",
  locale: "system",
};

describe("preferences", () => {
  it("are the defaults when nothing, or nonsense, was kept", () => {
    for (const text of [
      null,
      "",
      "{",
      "null",
      "7",
      '{"theme": "pink", "fontSize": 900, "wrap": "yes", "keys": 1}',
    ])
      expect(readPreferences(text, false)).toEqual(DEFAULTS);
  });
  it("wrap long lines on a narrow screen unless somebody chose otherwise", () => {
    expect(readPreferences(null, true).wrap).toBe(true);
    expect(readPreferences('{"wrap": false}', true).wrap).toBe(false);
  });
  it("are what was kept", () => {
    const kept = {
      theme: "contrast",
      fontSize: 18,
      tabSize: 2,
      wrap: true,
      keys: "vim",
      locale: "es",
    };
    expect(readPreferences(JSON.stringify(kept), false)).toEqual(kept);
  });
});
