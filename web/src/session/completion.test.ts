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
