/** The words of the library of questions, in the page's language: they come with what says them. */
import { locale } from "../words";
import { questions as en } from "./questions.en";
import { questions as es } from "./questions.es";

/** Read it while rendering, not once. */
export function questionWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
