/** No sentence stands outside the catalogues, and nothing in them is left over or untranslated. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { expect, it } from "vitest";
import { en } from "./src/words/en";
import { es } from "./src/words/es";

const SOURCES = join(import.meta.dirname, "src");
/** Attributes whose value somebody reads or hears. */
const SPOKEN = new Set(["label", "title", "placeholder", "alt", "hint", "aria-label", "aria-description"]);
/** Names that are the same in every language. */
const NAMES = new Set([
  ...["Ctrl Shift F", "Shift F", "Esc Tab", "Ctrl Space", "Alt I", "Alt P", "Alt Click", "Ctrl ↵", "Aa"],
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

function* stringsIn(node: unknown, parents: readonly Node[] = []): Generator<[string, readonly Node[]]> {
  if (Array.isArray(node)) {
    for (const each of node) yield* stringsIn(each, parents);
    return;
  }
  if (typeof node !== "object" || node === null || !("type" in node)) return;
  const here = node as Node;
  if (here.type === "Literal" && typeof here.value === "string") yield [here.value, parents];
  if (here.type === "JSXText" && typeof here.value === "string")
    yield [here.value.trim(), [...parents, here]];
  if (here.type === "TemplateElement") yield [String((here.value as { cooked: string }).cooked), parents];
  for (const [key, value] of Object.entries(here))
    if (key !== "parent") yield* stringsIn(value, [...parents, here]);
}

function isShown(text: string, parents: readonly Node[]): boolean {
  if (!LETTERS.test(text) || NAMES.has(text.trim()) || /^(\.|peer-|blamed peer-)/.test(text)) return false;
  const parent = parents.at(-1);
  if (parents.some(({ type }) => /^(Import|Export\w*From|ExportAll|TS)/.test(type))) return false;
  if (parent?.type === "JSXText") return true;
  const attribute = parents.findLast(({ type }) => type === "JSXAttribute");
  const name = (attribute?.name as { name?: unknown } | undefined)?.name;
  if (attribute && parents.indexOf(attribute) > parents.findLastIndex(({ type }) => type === "JSXElement"))
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

it("says every sentence in Spanish", () => {
  // The same in both: names, numbers, what people call things.
  const alike =
    /^(brand|links\.token|titled|tookMs|files\.nameExample|.*\.(terminal|label|title|pixels|languages\..*)|own\.copy|preferences\.keyChoices\.(vim|emacs)|notes\.kinds\.chat)$/;
  const spanish = new Map(leaves(es));
  const same = [...leaves(en)].filter(
    ([key, text]) => typeof text === "string" && spanish.get(key) === text && !alike.test(key),
  );
  expect(same).toEqual([]);
  expect([...leaves(en)].map(([key]) => key).filter((key) => !spanish.has(key))).toEqual([]);
});

it("uses every sentence", () => {
  const source = sources()
    .filter((path) => !/^words\//.test(path))
    .map((path) => readFileSync(join(SOURCES, path), "utf8"))
    .join("\n");
  const isUsed = (key: string) => {
    const [section, name, deeper] = key.split(".");
    if (name === undefined) return new RegExp(`\\bt\\.${section}\\b`).test(source);
    // By its name in its section, as one of several that are chosen from, or taken out of the section first.
    const named = new RegExp(
      `\\b${section}\\.${name}\\b|\\bt\\.${section}\\[|\\{ ${name} \\} = t\\.${section}\\b`,
    );
    const aliased = section === "status" && source.includes(`words.${name}`);
    const final = section === "session" && name === "final" && source.includes(`words.${deeper}`);
    if (!named.test(source) && !aliased && !final) return false;
    return name !== "keys" || section !== "help" || source.includes(`keys.${deeper}`);
  };
  const unused = [...leaves(en)].map(([key]) => key).filter((key) => !isUsed(key));
  expect(unused).toEqual([]);
});
