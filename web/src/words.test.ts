import { afterEach, expect, test, vi } from "vitest";
import { locale, region, span } from "./words";

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

// As tests/unit/test_report_words.py has it of the report.
test.each([
  [0.4, "0:00"],
  [0.5, "0:01"],
  [842.5, "14:03"],
  [3847.2, "1:04:07"],
  [-0.4, "0:00"],
  [-0.5, "−0:01"],
  [-720, "−12:00"],
])("%d seconds are %s", (seconds, written) => {
  expect(span(seconds)).toBe(written);
});
