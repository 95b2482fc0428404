/** A question as its form has it, and back: what the form does not show stays as it is. */
import type { Language, Question, QuestionCreate } from "../api";
import { ALL_LANGUAGES } from "./languages";
import { linesOf } from "./lines";
import { commandOf, COMMON, placedIn, type Placed, projectOf } from "./project-files";

export type Case = Question["samples"][number];
export type Group = Question["secret"][number];
export type Kind = Question["kind"];
export type Signature = NonNullable<Question["signature"]>;
export type Wrong = Question["wrong"][number];
export type FollowUp = Question["follow_ups"][number];
export type Sources = Partial<Record<Language, string>>;
type Comparator = Question["comparator"];
type Checker = NonNullable<Comparator["checker"]>;

const SPOKEN = ["en", "es"] as const;
type Spoken = (typeof SPOKEN)[number];

export interface Wording {
  title: string;
  statement: string;
}

export interface Draft {
  wordings: Record<Spoken, Wording>;
  /** Name → base64. */
  images: Question["images"];
  kind: Kind;
  difficulty: Question["difficulty"];
  minutes: number;
  /** Between commas. */
  tags: string;
  licence: string;
  source: string;
  languages: readonly Language[];
  compare: Comparator["how"];
  caseSensitive: boolean;
  spaceSensitive: boolean;
  /** How far off numbers may be; empty: not at all. */
  tolerance: string;
  /** The same as a part of the number. */
  relative: string;
  /** Of `checker`; it is kept while another way is chosen. */
  checker: Checker;
  /** Of a `function`; it is kept while another kind is chosen. */
  signature: Signature;
  /** Of a `project`, as its test command; they are kept while another kind is chosen. */
  files: Placed;
  command: string;
  /** Seconds for a case; empty: derived when it is proven. */
  timeLimit: string;
  starters: Sources;
  references: Sources;
  wrong: readonly Wrong[];
  samples: readonly Case[];
  secret: readonly Group[];
  secretCount: boolean;
  guide: string;
  /** One criterion a line. */
  rubric: string;
  followUps: readonly FollowUp[];
  draft: boolean;
}

export const NEW_CASE: Case = { name: "", input: "", expected: "", hint: "", description: "" };

const BLANK: Draft = {
  wordings: { en: { title: "", statement: "" }, es: { title: "", statement: "" } },
  images: {},
  kind: "stdio",
  difficulty: "medium",
  minutes: 30,
  tags: "",
  licence: "",
  source: "",
  languages: ALL_LANGUAGES,
  compare: "exact",
  caseSensitive: true,
  spaceSensitive: false,
  tolerance: "",
  relative: "",
  checker: { language: "python", source: "" },
  signature: {
    function: "",
    parameters: [{ name: "", type: "" }],
    returns: "",
    in_place: null,
    process: "per_call",
  },
  files: { [COMMON]: {} },
  command: "",
  timeLimit: "",
  starters: {},
  references: {},
  wrong: [],
  samples: [NEW_CASE],
  secret: [],
  secretCount: false,
  guide: "",
  rubric: "",
  followUps: [],
  draft: false,
};

/** What the form begins with. */
export function draftOf(question: Question | null): Draft {
  if (question === null) return BLANK;
  const said: Record<string, Wording> = {
    ...question.translations,
    [question.spoken]: { title: question.title, statement: question.statement },
  };
  const { kind, difficulty, minutes, licence, source, languages } = question;
  const { starters, references, wrong, samples, secret, guide, draft } = question;
  const { comparator } = question;
  return {
    wordings: { en: said.en ?? BLANK.wordings.en, es: said.es ?? BLANK.wordings.es },
    images: question.images,
    ...{ kind, difficulty, minutes, licence, source, languages },
    tags: question.tags.join(", "),
    compare: comparator.how,
    caseSensitive: comparator.case_sensitive,
    spaceSensitive: comparator.space_sensitive,
    tolerance: textOf(comparator.absolute_tolerance),
    relative: textOf(comparator.relative_tolerance),
    checker: comparator.checker ?? BLANK.checker,
    signature: question.signature ?? BLANK.signature,
    files: placedIn(question.project),
    command: commandOf(question.project?.test_command ?? []),
    timeLimit: textOf(question.limits?.time_limit),
    ...{ starters, references, wrong, samples, secret, guide, draft },
    secretCount: question.policy.secret_count,
    rubric: question.rubric.join("\n"),
    followUps: question.follow_ups,
  };
}

/** What is kept; null: it has no title. What was said in other languages before stays said. */
export function contentOf(draft: Draft, before: Question | null): QuestionCreate | null {
  const said = new Map<string, Wording>(Object.entries(before?.translations ?? {}));
  if (before) said.set(before.spoken, { title: before.title, statement: before.statement });
  for (const spoken of SPOKEN) {
    const { title, statement } = draft.wordings[spoken];
    if (title.trim()) said.set(spoken, { title: title.trim(), statement });
    else said.delete(spoken);
  }
  const spoken = [before?.spoken ?? "en", ...SPOKEN, ...said.keys()].find((each) => said.has(each));
  const first = said.get(spoken ?? "");
  if (spoken === undefined || first === undefined) return null;
  said.delete(spoken);
  const { kind, difficulty, minutes, languages, licence, source, guide } = draft;
  const isProject = kind === "project";
  return {
    ...first,
    spoken,
    translations: Object.fromEntries(said),
    images: draft.images,
    ...{ kind, difficulty, minutes, licence, source, guide },
    tags: tagsIn(draft.tags),
    languages: [...languages],
    signature: kind === "function" ? draft.signature : null,
    project: isProject ? projectOf(draft.files, draft.command, before?.project ?? null) : null,
    // What is left out is the server's own.
    limits: { ...before?.limits, time_limit: numberIn(draft.timeLimit) } as Question["limits"],
    comparator: comparatorOf(draft),
    starters: isProject ? {} : (sourcesIn(draft.starters, languages) as Question["starters"]),
    references: isProject ? {} : (sourcesIn(draft.references, languages) as Question["references"]),
    wrong: draft.wrong
      .filter((each) => isWrong(each, languages, before))
      .map((each) => (isProject ? { ...each, source: "" } : { ...each, files: {} })),
    samples: casesIn(draft.samples, before),
    secret: draft.secret
      .map((group) => ({ ...group, cases: casesIn(group.cases, before) }))
      .filter((group, at) => group.cases.length > 0 || draft.secret[at]?.cases.length === 0),
    policy: { ...before?.policy, secret_count: draft.secretCount },
    rubric: before?.rubric.join("\n") === draft.rubric ? before.rubric : linesOf(draft.rubric),
    follow_ups: draft.followUps
      .map((each) => followUpOf(each, before))
      .map((each) => (isProject ? { ...each, starters: {}, cases: [] } : each)),
    draft: draft.draft,
  };
}

function tagsIn(text: string): string[] {
  const tags = text.split(",").map((each) => each.trim());
  return [...new Set(tags.filter((each) => each !== ""))];
}

function sourcesIn(sources: Sources, languages: readonly Language[]): Sources {
  const given = Object.entries(sources) as [Language, string][];
  return Object.fromEntries(
    given.filter(([language, text]) => languages.includes(language) && text.trim() !== ""),
  );
}

/** Whether it is more than one that was added and never written, and of a language that there still is. */
function isWrong(given: Wrong, languages: readonly Language[], before: Question | null): boolean {
  if (!languages.includes(given.language)) return false;
  const isWritten = given.source?.trim() || Object.keys(given.files ?? {}).length > 0;
  return Boolean(isWritten) || (before?.wrong.includes(given) ?? false);
}

function followUpOf(given: FollowUp, before: Question | null): FollowUp {
  if (before?.follow_ups.includes(given)) return given;
  const sources = Object.entries(given.starters ?? {}).filter(([, text]) => text.trim() !== "");
  return {
    ...given,
    title: given.title.trim(),
    starters: Object.fromEntries(sources),
    cases: casesIn(given.cases ?? [], before),
  };
}

/** A case may have blanks alone, or nothing at all: what was never written is one that was added here. */
function casesIn(cases: readonly Case[], before: Question | null): Case[] {
  const known = [
    before?.samples,
    ...(before?.secret ?? []).map((group) => group.cases),
    ...(before?.follow_ups ?? []).map((each) => each.cases),
  ];
  return cases.filter(
    (given) =>
      Object.values(given).some((text) => text !== "") ||
      known.some((each) => each?.includes(given)),
  );
}

function comparatorOf(draft: Draft): Comparator {
  return {
    how: draft.compare,
    case_sensitive: draft.caseSensitive,
    space_sensitive: draft.spaceSensitive,
    absolute_tolerance: numberIn(draft.tolerance),
    relative_tolerance: numberIn(draft.relative),
    checker: draft.compare === "checker" ? draft.checker : null,
  };
}

function textOf(number: number | null | undefined): string {
  return number == null ? "" : String(number);
}

function numberIn(text: string): number | null {
  return text === "" ? null : Number(text);
}
