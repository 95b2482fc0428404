/** In which of its languages a question is shown. */
import type { Problem } from "../api";

type Said = Pick<Problem, "title" | "statement" | "spoken" | "translations">;

export interface Wording {
  title: string;
  statement: string;
  spoken: string;
}

/** The question as it is said in the page's language; where it is not, as it is said first. */
export function wordingFor(problem: Said, locale: string): Wording {
  const { translations } = problem;
  const near = Object.keys(translations).find((each) => each.split("-")[0] === locale);
  const spoken = locale in translations ? locale : (near ?? problem.spoken);
  const found = translations[spoken];
  return found ? { ...found, spoken } : problem;
}
