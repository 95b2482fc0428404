/** The words of the list of sessions, the way in and the accounts, in the page's language: they come with what says them. */
import { locale } from "../words";
import { screens as en } from "./screens.en";
import { screens as es } from "./screens.es";

/** Read it while rendering, not once. */
export function screenWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
