/** Markdown within bounds: two of its characters may be a row of two hundred cells, which a tab lays out for seconds. */
import type MarkdownIt from "markdown-it";
import type { StateBlock, StateCore, Token } from "markdown-it";

/** Cells of a statement's tables together; the largest that a server's `max_statement_cells` may be. */
export const MOST_CELLS = 5000;
/** Elements of a statement: what a long list of nothing is, for one. */
export const MOST_ELEMENTS = 12_000;

const UNDER_A_HEAD = /^[|:-][|:\s-]+$/;
const AT_ITS_ENDS = /^\||\|$/g;

/** What is known of a statement while it is read. */
interface Counted {
  cells?: number;
  /** What stands in the place of what is too large. */
  tooLarge?: string;
}

/** Teach a Markdown reader to put a sentence in the place of a table that has more cells than are left. */
export function withBoundedTables(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.block.ruler.before("table", "large_table", (state, start, end, silent) => {
    const columns = start + 1 < end ? columnsUnder(state, start) : 0;
    if (silent || columns === 0) return false;
    const env = state.env as Counted;
    const counted = env.cells ?? 0;
    let line = start + 2;
    while (line < end && !state.isEmpty(line) && state.sCount[line]! >= state.blkIndent) line++;
    const cells = counted + columns * (line - start - 1);
    if (cells <= MOST_CELLS) {
      env.cells = cells;
      return false;
    }
    state.tokens.push(...sentence(state));
    state.line = line;
    return true;
  });
}

/** Teach it to end with a sentence where there would be more elements than a tab lays out at once. */
export function withBoundedElements(markdown: InstanceType<typeof MarkdownIt>): void {
  markdown.core.ruler.push("bounded", (state) => {
    let [count, whole] = [0, 0]; // `whole`: the tokens that end before whatever is at the top now
    for (const [place, { level, nesting, children }] of state.tokens.entries()) {
      if (level === 0 && nesting >= 0) whole = place;
      if (nesting >= 0) count += 1 + (children ?? []).filter((each) => each.nesting > 0).length;
      if (count <= MOST_ELEMENTS) continue;
      state.tokens = [...state.tokens.slice(0, whole), ...sentence(state)];
      return;
    }
  });
}

function sentence({ Token, env }: StateBlock | StateCore): Token[] {
  const [text, inline] = [new Token("text", "", 0), new Token("inline", "", 0)];
  text.content = (env as Counted).tooLarge ?? "";
  inline.children = [text];
  const all = [new Token("paragraph_open", "p", 1), inline, new Token("paragraph_close", "p", -1)];
  for (const each of all) each.block = true;
  return all;
}

/** How many columns a table has that begins in a line; 0: none does. */
function columnsUnder(state: StateBlock, start: number): number {
  const textOf = (line: number) =>
    state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line]).trim();
  const line = textOf(start + 1);
  if (!UNDER_A_HEAD.test(line) || !textOf(start).includes("|")) return 0;
  return line.replace(AT_ITS_ENDS, "").split("|").length;
}
