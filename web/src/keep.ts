/** What every screen keeps, from a moment after it is there: where the keyboard is, and the page itself. */
import "./styles/forced-colors.css";
import { loseNoKeyboard } from "./keep-focus";
import { loseNoPage } from "./keep-page";

/** Begin. */
export function keep(): void {
  loseNoKeyboard();
  loseNoPage();
}
