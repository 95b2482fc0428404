/** What a question is called. */
import type { ListedQuestion } from "../api";

/** In the page's language, where it is told in that; else as it is told first. */
export function titleIn(
  { title, titles }: Pick<ListedQuestion, "title" | "titles">,
  locale: string,
): string {
  const near = Object.keys(titles).find((each) => each.split("-")[0] === locale);
  return titles[locale] ?? titles[near ?? ""] ?? title;
}
