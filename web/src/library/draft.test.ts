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
  images: { "dot.gif": "R0lGODlh" },
  kind: "function",
  licence: "cc0",
  source: "Ana",
  signature: {
    function: "double",
    parameters: [{ name: "n", type: "int" }],
    returns: "int",
    in_place: null,
    process: "per_case",
  },
  project: null,
  limits: { time_limit: 2.5, ac_to_time_limit: 3, time_limit_to_tle: 1.5, time_resolution: 1 },
  wrong: [
    {
      name: "zero",
      language: "java",
      source: "0",
      verdict: "wrong_answer",
      fails: ["large"],
      files: {},
    },
    { name: "blank", language: "python", source: "", verdict: "rejected", fails: [], files: {} },
  ],
  policy: { secret_count: true },
  rubric: ["Asks", "Tests"],
  follow_ups: [
    { title: "Thrice?", text: "", starters: { cpp: "int n;" }, cases: [{ ...NEW_CASE }] },
  ],
  samples: [{ ...NEW_CASE, input: "3", expected: "6", hint: "three" }],
  secret: [
    { name: "large", weight: 2, cases: [{ ...NEW_CASE, input: "4", expected: "8" }] },
    { name: "none yet", weight: 1, cases: [] },
  ],
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
    comparator: { how: "exact", absolute_tolerance: 1e-6, checker: null },
    wrong: [question.wrong[0]],
  });
});

it("keeps a package's own checker, and how far off the values of a function may be", () => {
  const checker = { language: "cpp" as const, source: "int main() {}" };
  for (const comparator of [
    { ...question.comparator, how: "checker" as const, checker },
    { ...question.comparator, how: "exact" as const, relative_tolerance: 0.5 },
  ]) {
    const before = { ...question, comparator } as Question;
    expect(contentOf(draftOf(before), before)?.comparator).toEqual(comparator);
  }
});

it("has a signature when it asks for a function, and only then", () => {
  const draft = draftOf(question);
  expect(contentOf({ ...draft, kind: "stdio" }, question)).toMatchObject({
    kind: "stdio",
    signature: null,
    project: null,
  });
  const project = { files: { "a.py": "" }, test_command: ["pytest"] };
  const before = { ...question, kind: "project", signature: null, project } as Question;
  expect(contentOf(draftOf(before), before)).toMatchObject({ signature: null, project });
});

it("has a time limit of its own where one is given", () => {
  const draft = draftOf(question);
  expect(draft.timeLimit).toBe("2.5");
  for (const [timeLimit, time_limit] of [
    ["", null],
    ["0.5", 0.5],
  ] as const)
    expect(contentOf({ ...draft, timeLimit }, question)?.limits).toEqual({
      ...question.limits,
      time_limit,
    });
});

const PROJECT = {
  files: { "README.md": "# Sums\n" },
  test_command: ["python", "-m", "pytest", "-k", 'not "slow" ones'],
  ways: {
    python: {
      files: { "sums.py": "" },
      tests: { "test_sums.py": "" },
      hidden: { "test_more.py": "" },
      reference: { "sums.py": "total = sum\n" },
    },
    java: { files: {}, tests: {}, hidden: {}, reference: {} },
  },
};

it("keeps a project as it is, and makes one of files", () => {
  const wrong = [
    {
      name: "w",
      language: "python",
      source: "",
      files: { "sums.py": "1" },
      verdict: "rejected",
      fails: [],
    },
  ];
  const { starters: _, references: __, ...others } = question;
  const before = { ...others, kind: "project", signature: null, project: PROJECT, wrong };
  const asIs = { ...before, starters: {}, references: {}, follow_ups: [] } as unknown as Question;
  const content = contentOf(draftOf(asIs), asIs);
  for (const [name, value] of Object.entries(content ?? {}))
    expect([name, value]).toEqual([name, asIs[name as keyof Question]]);
  const begun = draftOf(null);
  const files = { "python/hidden": { "test_a.py": "" }, "java/files": {} };
  expect(
    contentOf({ ...begun, kind: "project", files, wordings: draftOf(asIs).wordings }, null),
  ).toMatchObject({
    project: { files: {}, test_command: [], ways: { python: { hidden: { "test_a.py": "" } } } },
  });
});

it("leaves out what a project has otherwise", () => {
  const before = { ...question, references: { python: "1" } } as Question;
  const content = contentOf({ ...draftOf(before), kind: "project" }, before);
  expect(content).toMatchObject({ starters: {}, references: {}, signature: null });
  expect(content?.wrong).toEqual([{ ...question.wrong[0]!, source: "" }, question.wrong[1]]);
  expect(content?.follow_ups).toEqual([{ ...question.follow_ups[0]!, starters: {}, cases: [] }]);
});

it("takes what is written of rubric, wrong solutions and follow-ups", () => {
  const draft = draftOf(question);
  const [wrong] = draft.wrong;
  const added = { name: "one", language: "java", source: " ", verdict: "rejected" } as const;
  const content = contentOf(
    {
      ...draft,
      rubric: " Asks \n\nMeasures\n",
      wrong: [{ ...wrong!, fails: [] }, added],
      followUps: [{ title: " Next ", text: "Go.", starters: { java: " " }, cases: [NEW_CASE] }],
    },
    question,
  );
  expect(content).toMatchObject({
    rubric: ["Asks", "Measures"],
    wrong: [{ name: "zero", fails: [] }],
    follow_ups: [{ title: "Next", text: "Go.", starters: {}, cases: [] }],
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
