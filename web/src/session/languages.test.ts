import { ensureSyntaxTree, getIndentation, indentUnit } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { languageSupport } from "./languages";

test.each([
  ["cpp", "while (true)\n{"],
  ["cpp", "for (int i : v)\n{"],
  ["cpp", "if (true)\n{"],
  ["cpp", "try\n{"],
  ["java", "for (int i : v)\n{"],
  ["java", "while (true)\n{"],
  ["java", "try\n{"],
])("a brace on a line of its own, %s: %s", async (languageId, statement) => {
  const body = `f() {\n    ${statement.replace("\n", "\n    ")}}\n}`;
  const doc = languageId === "cpp" ? `void ${body}` : `class A { void ${body} }`;
  const support = (await languageSupport(languageId)) ?? [];
  const begun = EditorState.create({ doc, extensions: [support, indentUnit.of("    ")] });
  ensureSyntaxTree(begun, doc.length, 60_000); // a busy machine reads in pieces
  const { state } = begun.update({}); // which has the tree that is whole now
  expect(getIndentation(state, state.doc.line(3).from)).toBe(4);
});
