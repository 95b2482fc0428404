/** The words of the end of an interview, in the page's language: they come with what says them. */
import { locale } from "../words";
import { wrapUp as en } from "./wrap-up.en";
import { wrapUp as es } from "./wrap-up.es";

/** Read it while rendering, not once. */
export function wrapUpWords(): typeof en {
  return locale.get() === "es" ? es : en;
}

/** A criterion as the page's language calls it; what somebody made up is called that. */
export function criterionName(key: string): string {
  return wrapUpWords().criteria[key] ?? key;
}

/** The criterion that a name means: a translated one stays the same criterion. */
export function criterionOf(name: string): string {
  const known = Object.entries(wrapUpWords().criteria).find(
    ([, translated]) => translated === name.trim(),
  );
  return known?.[0] ?? name.trim();
}
