/** A question as its form has it, and back: what the form does not show stays as it is. */
import type { Language, Question, QuestionCreate } from "../api";

export type Case = Question["samples"][number];
export type Group = Question["secret"][number];
export type Sources = Partial<Record<Language, string>>;
type Way = Question["comparator"]["how"];

const SPOKEN = ["en", "es"] as const;
type Spoken = (typeof SPOKEN)[number];

export interface Wording {
  title: string;
  statement: string;
}

export interface Draft {
  wordings: Record<Spoken, Wording>;
  difficulty: Question["difficulty"];
  minutes: number;
  /** Between commas. */
  tags: string;
  languages: readonly Language[];
  compare: Way;
  /** Of numbers, with `tokens`; empty: none. */
  tolerance: string;
  starters: Sources;
  references: Sources;
  samples: readonly Case[];
  secret: readonly Group[];
  guide: string;
  draft: boolean;
}

export const NEW_CASE: Case = { name: "", input: "", expected: "", hint: "", description: "" };

const BLANK: Draft = {
  wordings: { en: { title: "", statement: "" }, es: { title: "", statement: "" } },
  difficulty: "medium",
  minutes: 30,
  tags: "",
  languages: ["python", "javascript", "typescript", "java", "cpp"],
  compare: "exact",
  tolerance: "",
  starters: {},
  references: {},
  samples: [NEW_CASE],
  secret: [],
  guide: "",
  draft: false,
};

/** What the form begins with. */
export function draftOf(question: Question | null): Draft {
  if (question === null) return BLANK;
  const said: Record<string, Wording> = {
    ...question.translations,
    [question.spoken]: { title: question.title, statement: question.statement },
  };
  const { how, absolute_tolerance } = question.comparator;
  return {
    wordings: { en: said.en ?? BLANK.wordings.en, es: said.es ?? BLANK.wordings.es },
    difficulty: question.difficulty,
    minutes: question.minutes,
    tags: question.tags.join(", "),
    languages: question.languages,
    compare: how,
    tolerance: absolute_tolerance == null ? "" : String(absolute_tolerance),
    starters: question.starters,
    references: question.references,
    samples: question.samples,
    secret: question.secret,
    guide: question.guide,
    draft: question.draft,
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
  const { difficulty, minutes, languages, guide } = draft;
  return {
    ...first,
    spoken,
    translations: Object.fromEntries(said),
    difficulty,
    minutes,
    tags: tagsIn(draft.tags),
    languages: [...languages],
    comparator: comparatorOf(draft, before),
    starters: sourcesIn(draft.starters, languages) as Question["starters"],
    references: sourcesIn(draft.references, languages) as Question["references"],
    samples: draft.samples.filter((each) => isCase(each, before)),
    secret: draft.secret
      .map((group) => ({ ...group, cases: group.cases.filter((each) => isCase(each, before)) }))
      .filter(({ cases }) => cases.length > 0),
    guide,
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

/** Whether it is more than one that was added and never written: a case may have blanks alone, or nothing at all. */
function isCase(given: Case, before: Question | null): boolean {
  if (Object.values(given).some((text) => text !== "")) return true;
  return [before?.samples, ...(before?.secret ?? []).map(({ cases }) => cases)].some((cases) =>
    cases?.includes(given),
  );
}

function comparatorOf(draft: Draft, before: Question | null): Question["comparator"] {
  const known = before?.comparator;
  const tolerance =
    draft.compare === "tokens" && draft.tolerance !== "" ? Number(draft.tolerance) : null;
  if (known?.how === draft.compare && (known.absolute_tolerance ?? null) === tolerance)
    return known;
  return {
    how: draft.compare,
    case_sensitive: known?.case_sensitive ?? true,
    space_sensitive: known?.space_sensitive ?? false,
    absolute_tolerance: tolerance,
    relative_tolerance: tolerance,
    checker: null,
  };
}
