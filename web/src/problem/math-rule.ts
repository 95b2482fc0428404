/** `$…$` and `$$…$$` in Markdown: kept apart from emphasis and links, to be set later; until then as they were written. */
import type MarkdownIt from "markdown-it";

const DOLLAR = 0x24;

export interface Formula {
  tex: string;
  display: boolean;
  /** Where what follows begins. */
  end: number;
}

/**
 * The formula that begins at a dollar sign; null: it is a dollar sign. As pandoc has it: no space inside at either end
 * of `$…$`, and no digit behind it, so that "$5 or $10" is money.
 */
export function formulaAt(text: string, start: number): Formula | null {
  const display = text.charCodeAt(start + 1) === DOLLAR;
  const from = start + (display ? 2 : 1);
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.charCodeAt(at) === DOLLAR) {
      const tex = text.slice(from, at);
      if (display)
        return text.charCodeAt(at + 1) === DOLLAR && tex.trim()
          ? { tex, display, end: at + 2 }
          : null;
      const isMoney = tex === "" || /^\s|\s$/.test(tex) || /\d/.test(text[at + 1] ?? "");
      return isMoney ? null : { tex, display, end: at + 1 };
    }
  }
  return null;
}

/** Teach a Markdown reader formulas: each becomes an element of class `math`, or `math-display`, that holds its source. */
export function withFormulas(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.inline.ruler.before("escape", "formula", (state, silent) => {
    if (state.src.charCodeAt(state.pos) !== DOLLAR) return false;
    const found = formulaAt(state.src.slice(0, state.posMax), state.pos);
    if (found === null) return false;
    if (!silent) {
      state
        .push("formula_open", "span", 1)
        .attrSet("class", found.display ? "math-display" : "math");
      state.push("text", "", 0).content = found.tex;
      state.push("formula_close", "span", -1);
    }
    state.pos = found.end;
    return true;
  });
}
