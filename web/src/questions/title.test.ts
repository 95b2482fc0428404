import { expect, it } from "vitest";
import { titleIn } from "./title";

const told = (titles: Record<string, string>) => ({ title: "First", titles });

it("is the title in the page's language, or in a form of it", () => {
  expect(titleIn(told({ en: "Double", es: "Duplica" }), "es")).toBe("Duplica");
  expect(titleIn(told({ en: "Double", "es-MX": "Duplica" }), "es")).toBe("Duplica");
});

it("is the first one where there is none, or an earlier program wrote the question", () => {
  expect(titleIn(told({ en: "Double" }), "es")).toBe("First");
  expect(titleIn(told({}), "en")).toBe("First");
});
