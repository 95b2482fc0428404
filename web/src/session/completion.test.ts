import {
  type Completion,
  CompletionContext,
  type CompletionSource,
} from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { sourcesFor } from "./completion";
import { languageSupport } from "./languages";
import { OFFERED } from "./offered";

const server: CompletionSource = (context) => {
  const word = context.matchBefore(/\w+/u);
  if (word === null) return null;
  return { from: word.from, options: [{ label: `${word.text}point` }], validFor: /^\w*$/u };
};

/** What all that are asked offer after a text, as if somebody had typed it. */
async function offeredAfter(languageId: string, text: string): Promise<string[]> {
  const support = await languageSupport(languageId);
  const state = EditorState.create({ doc: text, ...(support && { extensions: support }) });
  const context = new CompletionContext(state, text.length, false);
  const results = await Promise.all(sourcesFor(languageId, server).map((each) => each(context)));
  return results.flatMap((each) => each?.options ?? []).map(({ label }: Completion) => label);
}

// The first of these came out as `breakpoint` when Enter was pressed: Python's package offers words by itself.
test.each(Object.keys(OFFERED))(
  "nothing is offered after a whole word of %s",
  async (languageId) => {
    for (const { label, apply } of OFFERED[languageId] ?? []) {
      if (apply !== undefined) continue; // a snippet is more than its word
      expect(await offeredAfter(languageId, label), label).toEqual([]);
    }
  },
);

test("what a language's package knows by itself is offered while a word is begun", async () => {
  expect(await offeredAfter("python", "breakp")).toContain("breakpoint");
  expect(await offeredAfter("python", "enumer")).toContain("enumerate");
});

test.each([
  ["javascript", "const bestOf = 1\nlet best"],
  ["javascript", "let counter = 1; function count"],
  ["typescript", "interface Nodes {}\ntype Node"],
  ["python", "counts = 1\nimport collections as count"],
  ["python", "classic = 1\nclass Class"],
  ["java", "Stacked s;\nclass Stack"],
  ["cpp", "int LOCALE;\n# define LOCAL"],
])("nothing is offered for a new name of %s: %j", async (languageId, text) => {
  expect(await offeredAfter(languageId, text)).toEqual([]);
});

test.each([
  ["cpp", "#include <vector>\nconst vec", "vector"],
  ["typescript", "let value: string; value as val", "value"],
  ["javascript", "let letter = 1\nx.let + lett", "letter"],
])("names are offered elsewhere in %s: %j", async (languageId, text, name) => {
  expect(await offeredAfter(languageId, text)).toContain(name);
});
