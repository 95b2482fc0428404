/** The words of what a session is about, in the page's language: they come with the panel that says them. */
import { locale } from "../words";
import { problem as en } from "./problem.en";
import { problem as es } from "./problem.es";

/** Read it while rendering, not once. */
export function problemWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
