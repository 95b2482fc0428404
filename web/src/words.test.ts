import { afterEach, expect, test, vi } from "vitest";
import { locale, region } from "./words";

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["en", ["en-GB", "en"], "en-GB"],
  ["en", ["de-DE", "en-AU"], "en-AU"],
  ["es", ["es-MX", "en-US"], "es-MX"],
  ["es", ["en-US"], "es"], // chosen by hand
] as const)("%s in a browser of %j is written as in %s", (chosen, languages, written) => {
  vi.stubGlobal("navigator", { languages });
  locale.set(chosen);
  expect(region()).toBe(written);
});

test("hours are those of the browser's country", () => {
  const hour = (languages: string[]) => {
    vi.stubGlobal("navigator", { languages });
    locale.set("en");
    return new Date(2026, 0, 2, 19, 5).toLocaleString(region(), { timeStyle: "short" });
  };
  expect(hour(["en-GB"])).toBe("19:05");
  expect(hour(["en-US"])).toMatch(/7:05\sPM/);
});
