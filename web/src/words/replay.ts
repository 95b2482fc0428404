/** The words of the tests of the program and the replay, in the page's language: they come with what says them. */
import { locale } from "../words";
import { replay as en } from "./replay.en";
import { replay as es } from "./replay.es";

/** Read it while rendering, not once. */
export function replayWords(): typeof en {
  return locale.get() === "es" ? es : en;
}
