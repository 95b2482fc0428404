import { expect, it } from "vitest";
import type { Problem } from "../api";
import { wordingFor } from "./wording";

const said = (title: string) => ({ title, statement: title.toLowerCase() });
const problem = (translations: Problem["translations"], spoken: string) =>
  ({ ...said("First"), spoken, translations }) as Problem;

it("is shown in the page's language where it is said in that", () => {
  const both = problem({ en: said("Double"), es: said("Duplica") }, "en");
  expect(wordingFor(both, "es")).toEqual({ ...said("Duplica"), spoken: "es" });
  expect(wordingFor(both, "en")).toEqual({ ...said("Double"), spoken: "en" });
});

it("is shown in a language's other form, or as it is said first", () => {
  const mexican = problem({ en: said("Double"), "es-MX": said("Duplica") }, "en");
  expect(wordingFor(mexican, "es").spoken).toBe("es-MX");
  const german = problem({ de: said("Verdopple") }, "de");
  expect(wordingFor(german, "es")).toEqual({ ...said("Verdopple"), spoken: "de" });
});
