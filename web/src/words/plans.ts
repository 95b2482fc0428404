/** The words of plans of interviews, in the page's language: they come with what says them. */
import { locale } from "../words";
import { plans as en } from "./plans.en";
import { plans as es } from "./plans.es";

/** Read it while rendering, not once. */
export function planWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
