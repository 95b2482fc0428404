/** What the editor offers to complete: words of the file, keywords and snippets of its language. Fetched beside it. */
import {
  autocompletion,
  completeAnyWord,
  completeFromList,
  type Completion,
  CompletionContext,
  type CompletionResult,
  type CompletionSource,
  ifNotIn,
} from "@codemirror/autocomplete";
import type { EditorState, Extension } from "@codemirror/state";
import type { Language } from "../api";
import { acceptanceKeys } from "./acceptance";
import { closers } from "./closers";
import { OFFERED } from "./offered";
import { PROSE } from "./prose";

const AFTER_DOT = /(?:\.|->|::)[\p{Alphabetic}\p{Number}_$]*/u;
/** A number is none: 10 is whole, though there is a 1000. */
const WORD = /^[\p{Alphabetic}_$][\p{Alphabetic}\p{Number}_$]*$/u;

const naming = (words: string) =>
  new RegExp(
    `(?<![\\p{Alphabetic}\\p{Number}_$.])(?:${words})\\s+[\\p{Alphabetic}\\p{Number}_$]*$`,
    "u",
  );
const SCRIPT_NAMES = naming("let|const|var|function|class|interface|type|enum|namespace");
/** After what a name is given to something new: it may begin like another, and is whole where one ends it. */
const NAMES: Record<string, RegExp> = {
  python: naming("def|class|as"),
  javascript: SCRIPT_NAMES,
  typescript: SCRIPT_NAMES,
  java: naming("class|interface|enum|record|package"),
  cpp: naming("class|struct|union|enum|namespace|typename|#\\s*(?:define|ifn?def)"),
} satisfies Record<Language, RegExp>;
const LOOKED_AT = 200; // characters before the caret

function namesSomething(languageId: string, { state, pos }: CompletionContext): boolean {
  const { from } = state.doc.lineAt(pos);
  const before = state.sliceDoc(Math.max(from, pos - LOOKED_AT), pos);
  return NAMES[languageId]?.test(before) ?? false;
}

/** A source as it is while somebody types; asked by its key (Ctrl Space) it says all it has. */
function whileTyping(languageId: string, source: CompletionSource): CompletionSource {
  // Nobody asks for names while they write a sentence, or think of one.
  const inCode = ifNotIn(PROSE, source);
  return (context) => {
    if (context.explicit) return source(context);
    return namesSomething(languageId, context) ? null : inCode(context);
  };
}

/** The words of the file and of its language: one list, which ends where one of its words is whole. */
function wordsOf(
  offered: readonly Completion[],
): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const found = completeAnyWord(context) as CompletionResult | null;
    if (found === null) return null;
    const options = context.matchBefore(AFTER_DOT) ? found.options : [...found.options, ...offered];
    return { ...found, options, validFor: WORD };
  };
}

/** Whether the word before `at` needs no completing, as these know. */
type IsWhole = (state: EditorState, at: number, options?: readonly Completion[]) => boolean;

function wholeness(words: (context: CompletionContext) => CompletionResult | null): IsWhole {
  return (state, at, options = []) => {
    const known = words(new CompletionContext(state, at, false));
    if (known === null) return false;
    const typed = state.sliceDoc(known.from, at);
    return [...known.options, ...options].some(({ label, apply = label }) => apply === typed);
  };
}

/** No list opens after a whole word, and one that is open closes. */
function untilWhole(source: CompletionSource, isWhole: IsWhole): CompletionSource {
  return async (context) => {
    if (context.explicit) return source(context);
    if (isWhole(context.state, context.pos)) return null;
    const result = await source(context);
    if (result === null) return null;
    const typed = context.state.sliceDoc(result.from, context.pos);
    if (typed !== "" && !WORD.test(typed)) return null;
    if (isWhole(context.state, context.pos, result.options)) return null;
    const holds = result.validFor;
    if (!(holds instanceof RegExp)) return result;
    return {
      ...result,
      validFor: (text, _, to, state) => holds.test(text) && !isWhole(state, to, result.options),
    };
  };
}

const MOST_OF_ITS_OWN = 4;

/** What the language's package offers by itself: `break` is whole there too, though it knows a `breakpoint`. */
function ofItsOwn(nth: number): CompletionSource {
  return (context) => {
    const all = context.state.languageDataAt<CompletionSource | readonly Completion[]>(
      "autocomplete",
      context.pos,
    );
    const own = all[nth];
    if (own === undefined) return null;
    return typeof own === "function" ? own(context) : completeFromList(own)(context);
  };
}

/** Who is asked for completions in a file of a language: none of them beside ours may go by another rule. */
export function sourcesFor(languageId: string, known: CompletionSource): CompletionSource[] {
  const words = wordsOf(OFFERED[languageId] ?? []);
  const isWhole = wholeness(words);
  const own = Array.from({ length: MOST_OF_ITS_OWN }, (_, nth) => ofItsOwn(nth));
  return [words, known, ...own].map((source) =>
    whileTyping(languageId, untilWhole(source, isWhole)),
  );
}

/** Return the extension that offers completions in a file of a language. */
export function completions(languageId: string, known: CompletionSource): Extension {
  const override = sourcesFor(languageId, known);
  return [
    autocompletion({ activateOnTyping: true, defaultKeymap: false, override }),
    acceptanceKeys,
    closers(languageId),
  ];
}
