import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { closers, deletePair, whenTyped } from "./closers";

/** Type `typed` where | is; null when the editor is to write it. */
function after(languageId: string, marked: string, typed: string): string | null {
  const head = marked.indexOf("|");
  const state = EditorState.create({
    doc: marked.replace("|", ""),
    selection: { anchor: head },
    extensions: closers(languageId),
  });
  const over = whenTyped(state, typed);
  if (over === null) return null;
  const now = state.update(over).state;
  return `${now.sliceDoc(0, now.selection.main.head)}|${now.sliceDoc(now.selection.main.head)}`;
}

describe("a closer on a line of its own", () => {
  it.each([
    ["javascript", "function f(x) {\n  return x;\n  |\n}", "}", "function f(x) {\n  return x;\n}|"],
    [
      "typescript",
      "if (a) {\n  if (b) {\n    c();\n    |\n  }\n}\n",
      "}",
      "if (a) {\n  if (b) {\n    c();\n  }|\n}\n",
    ],
    ["java", "class A {\n\n  |  \n\n  \n}", "}", "class A {\n\n}|"],
    ["cpp", "int a[] = {\n    1,\n|\n};", "}", "int a[] = {\n    1,\n}|;"],
    ["python", "a = [\n    1,\n    |\n]", "]", "a = [\n    1,\n]|"],
    ["python", "f(\n    1,\n    |\n)", ")", "f(\n    1,\n)|"],
    [
      "javascript",
      "// {\nconst s = '{(';\nf(`}${a}`, /[(]/, {\n  |\n})",
      "}",
      "// {\nconst s = '{(';\nf(`}${a}`, /[(]/, {\n}|)",
    ],
    ["plain", "{\n  |\n}", "}", "{\n}|"],
  ])("is taken for the one that stands there: %s %j %s", (language, before, typed, then) => {
    expect(after(language, before, typed)).toBe(then);
  });

  it.each([
    ["one is missing", "if (a) {\n  if (b) {\n    c();\n  |\n}", "}"],
    ["another one comes next", "f([\n  |\n])", ")"],
    ["there is something on the line", "{\n  a |\n}", "}"],
    ["none comes", "{ }\n|", "}"],
    ["the next is in a comment", "f();\n|\n// }", "}"],
    ["they cross", "( {\n  |\n} ]", "}"],
    ["it is no bracket", "{\n  |\n}", "x"],
  ])("is written where %s", (_why, before, typed) => {
    expect(after("javascript", before, typed)).toBeNull();
  });

  it("is written in a file that is too long to look through", () => {
    expect(after("plain", `{\n|\n}${" ".repeat(200_000)}`, "}")).toBeNull();
  });
});

describe("a character", () => {
  it.each([
    ["python", "f|", "(", "f(|)"],
    ["python", "x = |", '"', 'x = "|"'],
    ["python", "x = f|", "'", "x = f'|'"],
    ["python", "f(|)", "[", "f([|])"],
    ["javascript", "const a = |;", "`", "const a = `|`;"],
    ["javascript", "`${|}`", "(", "`${(|)}`"],
    ["javascript", "(a) / b + |", "[", "(a) / b + [|]"],
    ["javascript", "a! / b + |", "[", "a! / b + [|]"],
    ["javascript", "x.if(a) / b + |", "'", "x.if(a) / b + '|'"],
    ["javascript", "if (f(a) / b > |", '"', 'if (f(a) / b > "|"'],
    ["javascript", "if (a) { b } (c) / d + |", "'", "if (a) { b } (c) / d + '|'"],
    ["javascript", "const a = 1. / b + |", '"', 'const a = 1. / b + "|"'],
    ["javascript", "this.#in / b + |", '"', 'this.#in / b + "|"'],
    ["javascript", "`${a}` / b + |", '"', '`${a}` / b + "|"'],
    ["cpp", "long n = 1'000 + f|", "(", "long n = 1'000 + f(|)"],
    ["cpp", 'auto s = R"x(")" )x" + f|', "(", 'auto s = R"x(")" )x" + f(|)'],
    ["java", '"""\nit\'s "x"\n""" + f|', "(", '"""\nit\'s "x"\n""" + f(|)'],
  ])("in code is closed: %s %j %s", (language, before, typed, then) => {
    expect(after(language, before, typed)).toBe(then);
  });

  it.each([
    ["python", '""|', '"'],
    ["python", '"""Say |', '"'],
    ["python", '"""Say |', "("],
    ["python", "# don|", "'"],
    ["python", "# (|", "["],
    ["python", "don|", "'"],
    ["python", "f'{a|'", "["],
    ["python", "'a\\|", "'"],
    ["python", "f|x", "("],
    ["python", "x = |", "`"],
    ["javascript", "x.split(/|", '"'],
    ["javascript", "return /[|", "'"],
    ["javascript", "if (f(a)) /|", "'"],
    ["javascript", "} else if (a /* ( */)\n  /|", '"'],
    ["javascript", "while (/'/.test(a)) /|", "'"],
    ["typescript", "for await (const a of b) /[|", '"'],
    ["javascript", "export default /|", '"'],
    ["javascript", "return!/|", '"'],
    ["javascript", "`${a}b${/|", "'"],
    ["javascript", "tag`${/|", '"'],
    ["javascript", "`a ${b} |", "{"],
    ["javascript", "`$|", "{"],
    ["java", "char q = '|'", '"'],
    ["java", "/* it |", "("],
    ["cpp", "n = 1|", "'"],
    ["cpp", 'R"|', "("],
    ["text", ":|", "("],
  ])("in text, or where it ends one, is only written: %s %j %s", (language, before, typed) => {
    expect(after(language, before, typed)).toBeNull();
  });
});

/** Type one key after the other; a Backspace is \b, and < goes a place back. */
function typed(languageId: string, keys: string): string {
  let state = EditorState.create({ extensions: closers(languageId) });
  for (const key of keys) {
    const { head } = state.selection.main;
    if (key === "\b") {
      const dispatch = (done: { state: EditorState }) => (state = done.state);
      if (!deletePair({ state, dispatch }))
        state = state.update({ changes: { from: head - 1, to: head } }).state;
    } else if (key === "<") state = state.update({ selection: { anchor: head - 1 } }).state;
    else state = state.update(whenTyped(state, key) ?? state.replaceSelection(key)).state;
  }
  const { head } = state.selection.main;
  return `${state.sliceDoc(0, head)}|${state.sliceDoc(head)}`;
}

describe("what the editor has closed", () => {
  it.each([
    ["is taken when its turn comes", "f(a[0])", "f(a[0])|"],
    ["is left while another bracket is open", "f(a<(<\b", "f|(a)"],
    ["is left to the bracket that is its own", "f(a<(a)", "f((a)|a)"],
    ["is no matter of a comment", "f([ # :]", "f([ # :]|])"],
    ["is not taken by an escaped quote", "'\\''", "'\\''|"],
    ["is not taken by another quote", "'\"\"'", "'\"\"'|"],
    ["is like all text once the caret has left it", "f(<<f(", "f(|f()"],
    ["goes with its other half", "x(\b", "x|"],
    ["stays when it is not all there is", "x(a\b\b", "x|"],
    ["goes alone when somebody has left it", "x()<\b", "x|)"],
  ])("%s: %j", (_what, keys, then) => {
    expect(typed("python", keys)).toBe(then);
  });
});
