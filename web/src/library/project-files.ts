/** The files of a project by what they are for, as its form has them; and why one cannot have a name. */
import type { Question } from "../api";
import { problemWithPath } from "../session/new-file";
import { authoringWords } from "../words/authoring";

export type Project = NonNullable<Question["project"]>;
/** Path → text. */
export type FileTexts = Readonly<Record<string, string>>;
/** By place: `COMMON`, or what `placeOf` makes of a language and a part. */
export type Placed = Readonly<Record<string, FileTexts>>;

export const COMMON = "files";
export const PARTS = ["files", "tests", "hidden", "reference"] as const;
export type Part = (typeof PARTS)[number];
type Way = NonNullable<NonNullable<Project["ways"]>["python"]>;
const LONGEST = 120; // a session or a package puts a folder before it
const DEEPEST = 6;

export function placeOf(language: string, part: Part): string {
  return `${language}/${part}`;
}

/** Whether candidates get the files of a place. */
export function isSeen(place: string): boolean {
  return !/\/(?:hidden|reference)$/.test(place);
}

export function placedIn(project: Project | null): Placed {
  const ways = Object.entries(project?.ways ?? {});
  const parts = ways.flatMap(([language, way]) =>
    PARTS.map((part) => [placeOf(language, part), way[part] ?? {}] as const),
  );
  return Object.fromEntries([[COMMON, project?.files ?? {}], ...parts]);
}

/** What the files make; a language that has none is no part of it, unless it was before. */
export function projectOf(placed: Placed, command: string, before: Project | null): Project {
  const named = Object.keys(placed).filter((place) => place !== COMMON);
  const ways: Record<string, Record<string, FileTexts>> = {};
  for (const place of named) {
    const [language = "", part = ""] = place.split("/");
    const known = language in (before?.ways ?? {});
    if (known || Object.keys(placed[place] ?? {}).length > 0)
      ways[language] = { ...ways[language], [part]: placed[place] ?? {} };
  }
  return {
    files: { ...placed[COMMON] },
    test_command: wordsIn(command),
    ways: ways as Record<string, Way>,
  };
}

/** The words of a command line; what is between quotes is one. */
export function wordsIn(command: string): string[] {
  const found = command.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return [...found].map(([, quoted, plain]) => plain ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
}

export function commandOf(words: readonly string[]): string {
  return words
    .map((each) => (/^[^\s"]+$/.test(each) ? each : `"${each.replace(/["\\]/g, "\\$&")}"`))
    .join(" ");
}

/** Why a file cannot be called so where the `others` are; null: it can. */
export function problemWithFile(path: string, others: readonly string[]): string | null {
  const said = problemWithPath(path, others);
  if (said !== null) return said;
  const words = authoringWords().project;
  if (path.length > LONGEST) return words.tooLong(LONGEST);
  return path.split("/").length - 1 > DEEPEST ? words.tooDeep(DEEPEST) : null;
}

/** Which file a sentence is about: its place and its path. */
export function placeNamedIn(sentence: string, placed: Placed): [string, string] | null {
  const all = Object.entries(placed).flatMap(([place, files]) =>
    Object.keys(files).map((path) => [place, path] as [string, string]),
  );
  const named = all.filter(([, path]) => sentence.includes(path));
  return named.sort(([, one], [, other]) => other.length - one.length)[0] ?? null;
}
