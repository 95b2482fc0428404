/** Formulas as MathML, which browsers set themselves: no fonts, no styles, and screen readers read it. */
import katex from "katex";

/** Set the formula whose source an element holds; one that is none stays as it was written. */
export function set(place: HTMLElement): void {
  const tex = place.textContent ?? "";
  try {
    katex.render(tex, place, {
      output: "mathml",
      displayMode: place.classList.contains("math-display"),
      throwOnError: true,
      strict: "ignore",
      trust: false,
      maxExpand: 200,
      maxSize: 20,
    });
  } catch {
    place.textContent = tex;
  }
}
