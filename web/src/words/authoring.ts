/** The words of writing questions, in the page's language: they come with what says them. */
import { locale } from "../words";
import { authoring as en } from "./authoring.en";
import { authoring as es } from "./authoring.es";

/** Read it while rendering, not once. */
export function authoringWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
