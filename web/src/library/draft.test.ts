import { expect, it } from "vitest";
import type { Question } from "../api";
import { contentOf, draftOf, NEW_CASE } from "./draft";

const question = {
  title: "Verdopple",
  statement: "Lies n.",
  spoken: "de",
  translations: { en: { title: "Double", statement: "Read n." } },
  difficulty: "easy",
  minutes: 25,
  tags: ["a", "b"],
  languages: ["python", "java"],
  comparator: {
    how: "tokens",
    case_sensitive: false,
    space_sensitive: false,
    absolute_tolerance: 1e-6,
    relative_tolerance: null,
    checker: null,
  },
  starters: { python: "n = 1\n" },
  references: { java: "class Main {}" },
  samples: [{ ...NEW_CASE, input: "3", expected: "6", hint: "three" }],
  secret: [{ name: "large", weight: 2, cases: [{ ...NEW_CASE, input: "4", expected: "8" }] }],
  guide: "Look.",
  draft: true,
} as unknown as Question;

it("keeps what nobody touched, in languages that the form does not show too", () => {
  const content = contentOf(draftOf(question), question);
  for (const [name, value] of Object.entries(content ?? {}))
    expect([name, value]).toEqual([name, question[name as keyof Question]]);
});

it("is said first in the language that has a title", () => {
  const draft = draftOf(null);
  expect(contentOf(draft, null)).toBeNull();
  const wordings = { ...draft.wordings, es: { title: " Suma ", statement: "Lee." } };
  expect(contentOf({ ...draft, wordings }, null)).toMatchObject({
    title: "Suma",
    spoken: "es",
    translations: {},
  });
  const both = { en: { title: "Sum", statement: "" }, es: wordings.es };
  expect(contentOf({ ...draft, wordings: both }, null)).toMatchObject({
    title: "Sum",
    spoken: "en",
    translations: { es: { title: "Suma", statement: "Lee." } },
  });
});

it("leaves out what is empty, and what is of a language that is no more", () => {
  const content = contentOf(
    {
      ...draftOf(question),
      tags: "b, ,c,b",
      languages: ["java"],
      samples: [NEW_CASE],
      secret: [{ name: "none", weight: 1, cases: [NEW_CASE] }],
      compare: "exact",
    },
    question,
  );
  expect(content).toMatchObject({
    tags: ["b", "c"],
    starters: {},
    references: { java: "class Main {}" },
    samples: [],
    secret: [],
    comparator: { how: "exact", absolute_tolerance: null },
  });
});

it("keeps the cases that are blank, where nobody took them out", () => {
  const nothing = { ...NEW_CASE };
  const blank = { ...NEW_CASE, input: "\n" };
  const before = {
    ...question,
    samples: [nothing, blank],
    secret: [{ name: "small", weight: 1, cases: [{ ...NEW_CASE }, { ...NEW_CASE, hint: "none" }] }],
  } as Question;
  const draft = draftOf(before);
  const content = contentOf(
    { ...draft, minutes: 40, samples: [...draft.samples, NEW_CASE] },
    before,
  );
  expect(content).toMatchObject({ minutes: 40 });
  expect(content?.samples).toEqual(before.samples);
  expect(content?.secret).toEqual(before.secret);
});
