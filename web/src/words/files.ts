/** The words of files that are added, named, formatted, or missing, in the page's language: they come with what says them. */
import { locale } from "../words";
import { files as en } from "./files.en";
import { files as es } from "./files.es";

/** Read it while rendering, not once. */
export function fileWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
