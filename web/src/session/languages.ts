/** The languages of the editor, each fetched when a file of it opens. */
import type { Language } from "../api";
import { continuedIndent, indentNodeProp, LanguageSupport } from "@codemirror/language";

const ownLine = continuedIndent({ except: /^\s*\{/ });

const tries = continuedIndent({ except: /^\s*(?:\{|catch\b|finally\b)/ });

/** CodeMirror's C++ and Java indent a brace on a line of its own, but after `if`, as if the statement went on. */
const braces = indentNodeProp.add({
  WhileStatement: ownLine,
  ForStatement: ownLine,
  DoStatement: ownLine,
  SwitchStatement: ownLine,
  ForRangeLoop: ownLine,
  EnhancedForStatement: ownLine,
  SynchronizedStatement: ownLine,
  TryStatement: tries,
  TryWithResourcesStatement: tries,
});

const loaders: Record<string, () => Promise<LanguageSupport>> = {
  python: async () => (await import("@codemirror/lang-python")).python(),
  javascript: async () => (await import("@codemirror/lang-javascript")).javascript(),
  typescript: async () =>
    (await import("@codemirror/lang-javascript")).javascript({ typescript: true }),
  java: async () => {
    const { javaLanguage } = await import("@codemirror/lang-java");
    return new LanguageSupport(javaLanguage.configure({ props: [braces] }));
  },
  cpp: async () => {
    const { cppLanguage } = await import("@codemirror/lang-cpp");
    return new LanguageSupport(cppLanguage.configure({ props: [braces] }));
  },
} satisfies Record<Language, () => Promise<LanguageSupport>>;

/** Return a language's support; none for what the editor does not know. */
export async function languageSupport(languageId: string): Promise<LanguageSupport | undefined> {
  return loaders[languageId]?.();
}
