/** No sentence stands outside the catalogues, and nothing in them is left over or untranslated. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { expect, it } from "vitest";
import { authoring as authoringEn } from "./src/words/authoring.en";
import { authoring as authoringEs } from "./src/words/authoring.es";
import { en } from "./src/words/en";
import { es } from "./src/words/es";
import { problem as problemEn } from "./src/words/problem.en";
import { problem as problemEs } from "./src/words/problem.es";
import { panels as panelsEn } from "./src/words/panels.en";
import { panels as panelsEs } from "./src/words/panels.es";
import { questions as questionsEn } from "./src/words/questions.en";
import { questions as questionsEs } from "./src/words/questions.es";
import { replay as replayEn } from "./src/words/replay.en";
import { replay as replayEs } from "./src/words/replay.es";
import { screens as screensEn } from "./src/words/screens.en";
import { screens as screensEs } from "./src/words/screens.es";
import { wrapUp as wrapUpEn } from "./src/words/wrap-up.en";
import { wrapUp as wrapUpEs } from "./src/words/wrap-up.es";

const SOURCES = join(import.meta.dirname, "src");
/** Attributes whose value somebody reads or hears. */
const SPOKEN = new Set([
  "label",
  "title",
  "placeholder",
  "alt",
  "hint",
  "aria-label",
  "aria-description",
]);
/** Names that are the same in every language. */
const NAMES = new Set([
  ...[
    "Ctrl Shift F",
    "Ctrl Shift ↵",
    "Shift Enter",
    "Shift F",
    "Esc Tab",
    "Ctrl Space",
    "Alt Click",
    "Ctrl ↵",
    "Aa",
  ],
  ...["IndexedDB", "CSS light-dark()", "Intl", "OS X"],
]);
const LETTERS = /\p{L}{2}/u;
/** Words as people write them: a capital letter or a space, then letters. */
const SENTENCE = /^\p{Lu}\p{Ll}+|\p{L}\s+\p{L}/u;

const sources = () =>
  (readdirSync(SOURCES, { recursive: true }) as string[]).filter((path) => /\.tsx?$/.test(path));

interface Node {
  type: string;
  [key: string]: unknown;
}

function* stringsIn(
  node: unknown,
  parents: readonly Node[] = [],
): Generator<[string, readonly Node[]]> {
  if (Array.isArray(node)) {
    for (const each of node) yield* stringsIn(each, parents);
    return;
  }
  if (typeof node !== "object" || node === null || !("type" in node)) return;
  const here = node as Node;
  if (here.type === "Literal" && typeof here.value === "string") yield [here.value, parents];
  if (here.type === "JSXText" && typeof here.value === "string")
    yield [here.value.trim(), [...parents, here]];
  if (here.type === "TemplateElement")
    yield [String((here.value as { cooked: string }).cooked), parents];
  for (const [key, value] of Object.entries(here))
    if (key !== "parent") yield* stringsIn(value, [...parents, here]);
}

function isShown(text: string, parents: readonly Node[]): boolean {
  if (!LETTERS.test(text) || NAMES.has(text.trim()) || /^(\.|peer-|blamed peer-)/.test(text))
    return false;
  const parent = parents.at(-1);
  if (parents.some(({ type }) => /^(Import|Export\w*From|ExportAll|TS)/.test(type))) return false;
  if (parent?.type === "JSXText") return true;
  const attribute = parents.findLast(({ type }) => type === "JSXAttribute");
  const name = (attribute?.name as { name?: unknown } | undefined)?.name;
  if (
    attribute &&
    parents.indexOf(attribute) > parents.findLastIndex(({ type }) => type === "JSXElement")
  )
    return SPOKEN.has(String(name)) && SENTENCE.test(text);
  const call = parents.findLast(({ type }) => type === "CallExpression");
  const callee = call?.callee as { name?: string; property?: { name?: string } } | undefined;
  const calls = callee?.name ?? callee?.property?.name ?? "";
  // Selectors, keys of the keyboard and of storage, headers, what programmers read.
  if (
    /^(closest|querySelector(All)?|matchMedia|matches|supports|addEventListener|words|snippet|define|of|theme)$/.test(
      calls,
    )
  )
    return false;
  if (parents.some(({ type }) => type === "ThrowStatement")) return false;
  return SENTENCE.test(text) && /\s/.test(text.trim());
}

it("finds what it looks for", () => {
  const { program } = parseSync(
    "probe.tsx",
    'const a = <p title="Two words">Hello</p>; toast("It went wrong.");',
  );
  const found = [...stringsIn(program)]
    .filter(([text, parents]) => isShown(text, parents))
    .map(([text]) => text);
  expect(found).toEqual(["Two words", "Hello", "It went wrong."]);
});

it("has every sentence in the catalogues", () => {
  const found: string[] = [];
  for (const path of sources()) {
    if (/\.(test|gen)\.ts$|^words[./]|completion\.ts$/.test(path)) continue;
    const { program } = parseSync(path, readFileSync(join(SOURCES, path), "utf8"));
    for (const [text, parents] of stringsIn(program))
      if (isShown(text, parents)) found.push(`${path}: ${text}`);
  }
  expect(found).toEqual([]);
});

type Tree = { [key: string]: unknown };

function* leaves(tree: Tree, path = ""): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(tree)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      yield* leaves(value as Tree, here);
    else yield [here, value];
  }
}

it.each([
  ["what every screen has", en, es],
  ["the screens", screensEn, screensEs],
  ["the panels", panelsEn, panelsEs],
  ["the problem", problemEn, problemEs],
  ["the questions", questionsEn, questionsEs],
  ["writing questions", authoringEn, authoringEs],
  ["the replay", replayEn, replayEs],
])("says every sentence of %s in Spanish", (_, english: Tree, translated: Tree) => {
  // The same in both: names, numbers, what people call things.
  const alike =
    /^(brand|links\.token|titled|tookMs|files\.nameExample|.*\.(terminal|label|title|pixels|languages\..*)|own\.copy|preferences\.keyChoices\.(vim|emacs)|notes\.kinds\.chat)$/;
  const spanish = new Map(leaves(translated));
  const same = [...leaves(english)].filter(
    ([key, text]) => typeof text === "string" && spanish.get(key) === text && !alike.test(key),
  );
  expect(same).toEqual([]);
  expect([...leaves(english)].map(([key]) => key).filter((key) => !spanish.has(key))).toEqual([]);
});

it("says every sentence of the wrap-up in Spanish too", () => {
  const spanish = new Map(leaves(wrapUpEs));
  for (const [key, text] of leaves(wrapUpEn)) {
    expect(spanish.has(key), key).toBe(true);
    if (key !== "decision.verdicts.no") expect(spanish.get(key), key).not.toBe(text); // Spanish says it with the same word
  }
});

/** What a source says of a catalogue, from its root on or from a name that a part of it was given. */
function* pathsIn(source: string, root: string): Generator<string[]> {
  const code = source.replace(/\/\*[^]*?\*\/|(?<![:\\])\/\/.*/g, "");
  const named = new RegExp(`const (\\w+|{[^{}]*}) = ${root}((?:\\.\\w+)*);`, "g");
  const starts: [string, string[]][] = [[root, []]];
  for (const [, names = "", path = ""] of code.matchAll(named)) {
    const at = path.split(".").filter(Boolean);
    for (const [, name = "", as = name] of names.matchAll(/(\w+)(?:: (\w+))?/g))
      starts.push([as, names.startsWith("{") ? [...at, name] : at]);
  }
  const rest = code.replace(named, "");
  for (const [name, at] of starts)
    for (const [, path = ""] of rest.matchAll(
      new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)${name}((?:\\s*\\.\\w+)+|(?=\\[))`, "g"),
    ))
      yield [...at, ...path.split(".").map((part) => part.trim())].filter(Boolean);
}

/** What no source says, neither by its name nor with all that it is chosen from. */
function unused(catalogue: Tree, root: string): string[] {
  const used = new Set<string>();
  for (const path of sources()) {
    if (/^words\/.*\.(en|es)\.ts$|\.test\.ts$/.test(path)) continue;
    for (const parts of pathsIn(readFileSync(join(SOURCES, path), "utf8"), root)) {
      let node: unknown = catalogue;
      const known = parts.filter((part) => {
        node = typeof node === "object" && node !== null ? (node as Tree)[part] : undefined;
        return node !== undefined;
      });
      used.add(known.join("."));
    }
  }
  used.delete("");
  const isUsed = (key: string) =>
    key.split(".").some((_, at, all) => used.has(all.slice(0, at + 1).join(".")));
  return [...leaves(catalogue)].map(([key]) => key).filter((key) => !isUsed(key));
}

it("uses every sentence", () => {
  expect(unused(en, "t")).toEqual([]);
  expect(unused(wrapUpEn, "wrapUpWords\\(\\)")).toEqual([]);
  expect(unused(panelsEn, "panelWords\\(\\)")).toEqual([]);
  expect(unused(problemEn, "problemWords\\(\\)")).toEqual([]);
  expect(unused(questionsEn, "questionWords\\(\\)")).toEqual([]);
  expect(unused(authoringEn, "authoringWords\\(\\)")).toEqual([]);
  expect(unused(screensEn, "screenWords\\(\\)")).toEqual([]);
  expect(unused(replayEn, "replayWords\\(\\)")).toEqual([]);
});

it("tells what is used from what is called alike", () => {
  const source =
    "const w = words().a; const { b: c } = words(); w.title; c.add; other.b.left; // words().b.said";
  expect([...pathsIn(source, "words\\(\\)")]).toEqual([
    ["a", "title"],
    ["b", "add"],
  ]);
});
