/**
 * What in a program is code, and what is text: read from its beginning, as compilers do, so that half a program is enough.
 * A parser mends what is unfinished by guessing; what closes behind a caret must not depend on a guess.
 */
import type { Language } from "../api";

interface Lexis {
  comment: string;
  /** Whether there are comments between slashes and asterisks. */
  blocks: boolean;
  /** What begins a string that ends on its line (a template may go on). */
  quotes: string;
  /** What begins, three times in a row, a string of several lines. */
  triple: string;
  regexps?: true;
  /** Whether there are `R"(…)"` and `1'000`. */
  isCpp?: true;
}

const SCRIPT: Lexis = { comment: "//", blocks: true, quotes: "\"'`", triple: "", regexps: true };
const LEXES: Record<string, Lexis> = {
  python: { comment: "#", blocks: false, quotes: "\"'", triple: "\"'" },
  javascript: SCRIPT,
  typescript: SCRIPT,
  java: { comment: "//", blocks: true, quotes: "\"'", triple: '"' },
  cpp: { comment: "//", blocks: true, quotes: "\"'", triple: "", isCpp: true },
} satisfies Record<Language, Lexis>;

/** Text that has begun and not ended. */
export interface Open {
  from: number;
  isRegexp: boolean;
  /** Whether a backslash waits for the next character. */
  escaped: boolean;
}

export interface Reading {
  /** The code alone: a quote stands for each string, a space for each comment. */
  code: string;
  /** The text that the end of what was read lies in; null where that is code. */
  open: Open | null;
}

/** How a text begins and ends. */
interface Shape {
  /** How long its beginning is. */
  head: number;
  end: string;
  /** Whether a line's end ends it too. */
  oneLine?: boolean;
  /** Whether a backslash takes the next character. */
  escapes?: boolean;
  isRegexp?: boolean;
}

const COMMENT: Omit<Shape, "head"> = { end: "\n" };
const TEMPLATE: Shape = { head: 1, end: "`", escapes: true };
const PLAIN = /[^"'`#/{}]+/y;
const RAW = /(?:^|[^\w$])(?:u8|[uUL])?R$/;
const RAW_HEAD = /"([^()\\\s]{0,16})(\(|$)/y;
const NUMBER = /(?<![\w'])\d[\w'.]*$/;
/** Behind these a slash divides; behind everything else it begins a regular expression. */
const OPERAND = /(?:\+\+|--|[\p{L}\p{N}_$)\]]!|\d\.|[\p{L}\p{N}_$)\]"])$/u;
const KEYWORD =
  /(?<![\w$.#])(?:return|typeof|case|default|of|in|instanceof|delete|void|throw|new|else|do|await|yield)!?$/;
/** What stands between the parentheses behind these is no operand: a statement follows. */
const HEAD = /(?<![\w$.#])(?:if|while|for|for\s+await|with)$/;
/** As much before a slash, or a parenthesis, says whether that is so. */
const TAIL = 16;

/** Whether the editor knows what is text in a language. */
export function hasLexis(languageId: string): boolean {
  return languageId in LEXES;
}

/** Read a program, or its beginning. In a language that the editor does not know all is code. */
export function read(text: string, languageId: string): Reading {
  const lexis = LEXES[languageId];
  return lexis === undefined ? { code: text, open: null } : new Reader(text, lexis).read();
}

class Reader {
  readonly #code: string[] = [];
  /** Templates whose `${` is being read, and how many braces are open there. */
  readonly #templates: { from: number; braces: number }[] = [];
  /** Whether each open parenthesis is that of a statement's head; and whether the last that was closed is. */
  readonly #heads: boolean[] = [];
  #behindHead = false;
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly lexis: Lexis,
  ) {}

  read(): Reading {
    let open: Open | null = null;
    while (open === null && this.#at < this.text.length) open = this.#step();
    return { code: this.#code.join(""), open };
  }

  /** Read some code, or one text; return it if it does not end. */
  #step(): Open | null {
    const from = this.#at;
    PLAIN.lastIndex = from;
    const plain = PLAIN.exec(this.text)?.[0] ?? "";
    if (plain !== "") {
      if (this.lexis.regexps) this.#watchHeads(plain);
      this.#code.push(plain);
      this.#at += plain.length;
      return null;
    }
    const shape = this.#shape(this.text[from] as string);
    if (shape !== null) return this.#skip(from, from + shape.head, shape);
    return this.#bracket(this.text[from] as string);
  }

  /** What begins here; null when it is code. */
  #shape(here: string): Shape | null {
    const { text, lexis } = this;
    const from = this.#at;
    if (text.startsWith(lexis.comment, from)) return { ...COMMENT, head: lexis.comment.length };
    if (lexis.blocks && text.startsWith("/*", from)) return { head: 2, end: "*/" };
    if (here === "/" && lexis.regexps && this.#beginsRegexp())
      return { head: 1, end: "/", oneLine: true, escapes: true, isRegexp: true };
    if (!lexis.quotes.includes(here)) return null;
    if (here === "`") return TEMPLATE;
    if (lexis.triple.includes(here) && text.startsWith(here.repeat(3), from))
      return { head: 3, end: here.repeat(3), escapes: true };
    const before = text.slice(Math.max(0, from - 40), from);
    if (lexis.isCpp && here === "'" && NUMBER.test(before)) return null;
    RAW_HEAD.lastIndex = from;
    const raw = lexis.isCpp && RAW.test(before) ? RAW_HEAD.exec(text) : null;
    if (raw) return { head: raw[0].length, end: `)${raw[1]}"` };
    return { head: 1, end: here, oneLine: true, escapes: true };
  }

  #beginsRegexp(): boolean {
    const before = this.#before("");
    if (before.endsWith(")")) return this.#behindHead;
    return KEYWORD.test(before) || !OPERAND.test(before);
  }

  #watchHeads(code: string): void {
    for (const { 0: bracket, index } of code.matchAll(/[()]/g)) {
      if (bracket === ")") this.#behindHead = this.#heads.pop() ?? false;
      else this.#heads.push(HEAD.test(this.#before(code.slice(Math.max(0, index - TAIL), index))));
    }
  }

  /** The end of the code that was read, `code` included, without the spaces behind it. */
  #before(code: string): string {
    let tail = code.trimEnd();
    for (let piece = this.#code.length - 1; piece >= 0 && tail.length < TAIL; piece--) {
      const earlier = this.#code[piece] as string;
      tail = (tail === "" ? earlier.trimEnd() : earlier).slice(-TAIL) + tail;
    }
    return tail;
  }

  #skip(from: number, inside: number, shape: Shape): Open | null {
    const { text } = this;
    const { end, oneLine = false, escapes = false, isRegexp = false } = shape;
    let inClass = false;
    let at = inside;
    for (; at < text.length; at++) {
      const here = text[at];
      if (escapes && here === "\\") at += 1;
      else if (!inClass && text.startsWith(end, at)) return this.#after(at, end);
      else if (oneLine && here === "\n") return this.#after(at, "\n");
      else if (end === "`" && text.startsWith("${", at)) {
        this.#templates.push({ from, braces: 0 });
        this.#code.push(","); // what was before the hole is no operand of what is in it
        this.#at = at + 2;
        return null;
      } else if (isRegexp) inClass = here === "[" || (inClass && here !== "]");
    }
    return { from, isRegexp, escaped: at > text.length };
  }

  /** Go on behind a text. A line's end, which may end one, belongs to the code. */
  #after(at: number, end: string): null {
    this.#code.push(end === "\n" || end === "*/" ? " " : '"');
    this.#at = end === "\n" ? at : at + end.length;
    return null;
  }

  /** Read a character of code; the brace that ends a hole of a template leads back into it. */
  #bracket(here: string): Open | null {
    const template = this.#templates.at(-1);
    this.#at += 1;
    if (template !== undefined && here === "}" && template.braces === 0) {
      this.#templates.pop();
      return this.#skip(template.from, this.#at, TEMPLATE);
    }
    if (template !== undefined && here === "{") template.braces += 1;
    if (template !== undefined && here === "}") template.braces -= 1;
    this.#code.push(here);
    return null;
  }
}
