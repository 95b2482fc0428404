/** Whole programs, typed key by key as somebody types who lets the editor indent: what stands there is what was typed. */
import { insertNewlineAndIndent } from "@codemirror/commands";
import { indentOnInput, indentUnit } from "@codemirror/language";
import { EditorSelection, EditorState, type Extension } from "@codemirror/state";
import { describe, expect, it, vi } from "vitest";
import { closers, whenTyped } from "./closers";
import { languageSupport } from "./languages";

vi.setConfig({ testTimeout: 30_000 }); // a program is a thousand keys, and each reads it anew

const LANGUAGES = ["python", "javascript", "typescript", "java", "cpp"];

const FILES = import.meta.glob<string>("../../../tests/data/programs/*.txt", {
  query: "?raw",
  import: "default",
  eager: true,
});

function programs(language: string): string[] {
  const text = FILES[`../../../tests/data/programs/${language}.txt`] ?? "";
  return text.trimEnd().split("\n=====\n");
}

class Hands {
  constructor(public state: EditorState) {}

  key(typed: string): void {
    const own = whenTyped(this.state, typed);
    const plain = { ...this.state.replaceSelection(typed), userEvent: "input.type" };
    this.state = this.state.update(own ?? plain).state;
  }

  enter(): void {
    insertNewlineAndIndent({
      state: this.state,
      dispatch: ({ state }) => (this.state = state),
    });
  }

  /** What stands before the caret on its line. */
  get before(): string {
    const { head } = this.state.selection.main;
    return this.state.sliceDoc(this.state.doc.lineAt(head).from, head);
  }

  /** Put the indentation right, at the beginning of a line. */
  indent(wanted: string): void {
    const { head } = this.state.selection.main;
    const from = this.state.doc.lineAt(head).from;
    const changes = { from, to: head, insert: wanted };
    const selection = EditorSelection.cursor(from + wanted.length);
    this.state = this.state.update({ changes, selection, userEvent: "input.type" }).state;
  }

  write(program: string): void {
    program.split("\n").forEach((line, number) => {
      if (number > 0) this.enter();
      const wanted = /^ */.exec(line)?.[0] ?? "";
      if (line !== "" && this.before !== wanted) this.indent(wanted);
      for (const letter of line.trimStart()) this.key(letter);
    });
  }
}

async function hands(language: string): Promise<Hands> {
  const support = (await languageSupport(language)) as Extension;
  const unit = indentUnit.of(/script$/.test(language) ? "  " : "    ");
  const extensions = [support, unit, indentOnInput(), closers(language)];
  return new Hands(EditorState.create({ extensions }));
}

describe.each(LANGUAGES)("%s comes out as typed", (language) => {
  it.each(programs(language).map((program) => [program.slice(0, 40), program]))(
    "%j",
    async (_beginning, program) => {
      const typist = await hands(language);
      typist.write(program);
      expect(typist.state.doc.toString()).toBe(program);
    },
  );

  it("whatever comes behind it", async () => {
    const [program = ""] = programs(language);
    const behind = "\n\nrest('it', [(\n";
    const typist = await hands(language);
    typist.state = typist.state.update({ changes: { from: 0, insert: behind } }).state;
    typist.write(program);
    expect(typist.state.doc.toString()).toBe(program + behind);
  });
});
