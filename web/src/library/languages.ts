/** The languages that questions can be solved in, as the library names them. */
import type { Language } from "../api";

export const LANGUAGES: Readonly<Record<Language, string>> = {
  python: "Python",
  javascript: "JavaScript",
  typescript: "TypeScript",
  java: "Java",
  cpp: "C++",
};

export const ALL_LANGUAGES = Object.keys(LANGUAGES) as Language[];

/** A language's name; of one that is not here any more, its id. */
export function nameOfLanguage(id: string): string {
  return (LANGUAGES as Record<string, string>)[id] ?? id;
}
