/** The words of the panels beside the code, in the page's language: they come with what says them. */
import { locale } from "../words";
import { panels as en } from "./panels.en";
import { panels as es } from "./panels.es";

/** Read it while rendering, not once. */
export function panelWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
