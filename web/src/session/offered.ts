/** Keywords, common names and snippets of each language, as the editor offers them. */
import { type Completion, snippetCompletion as snippet } from "@codemirror/autocomplete";
import type { Language } from "../api";

const words = (text: string, type: Completion["type"]): Completion[] =>
  text.split(" ").map((label) => ({ label, ...(type === undefined ? {} : { type }) }));

const C_LIKE = [
  snippet("for (int ${i} = 0; ${i} < ${n}; ${i}++) {\n\t${}\n}", {
    label: "for",
    detail: "loop",
    type: "keyword",
  }),
  snippet("while (${condition}) {\n\t${}\n}", { label: "while", detail: "loop", type: "keyword" }),
  snippet("if (${condition}) {\n\t${}\n}", { label: "if", detail: "block", type: "keyword" }),
];

const SCRIPT = [
  snippet("for (const ${each} of ${list}) {\n\t${}\n}", {
    label: "for",
    detail: "of",
    type: "keyword",
  }),
  snippet("for (let ${i} = 0; ${i} < ${n}; ${i}++) {\n\t${}\n}", {
    label: "fori",
    detail: "loop",
    type: "keyword",
  }),
  snippet("function ${name}(${arguments}) {\n\t${}\n}", {
    label: "function",
    detail: "block",
    type: "keyword",
  }),
  snippet("if (${condition}) {\n\t${}\n}", { label: "if", detail: "block", type: "keyword" }),
  snippet("console.log(${value});", { label: "log", detail: "console.log", type: "function" }),
  snippet("class ${Name} {\n\tconstructor(${arguments}) {\n\t\t${}\n\t}\n}", {
    label: "class",
    detail: "block",
    type: "class",
  }),
];

const SCRIPT_WORDS = [
  ...words(
    "async await break case catch const continue default delete do else export extends finally from import in instanceof let new null of return static super switch this throw true false try typeof undefined var void while yield",
    "keyword",
  ),
  ...words(
    "Array Boolean Date Error JSON Map Math Number Object Promise RegExp Set String WeakMap",
    "class",
  ),
  ...words("console parseInt parseFloat structuredClone setTimeout queueMicrotask", "function"),
];

/** What each language offers of itself. */
export const OFFERED: Record<string, readonly Completion[]> = {
  python: [
    ...words(
      "and as assert async await break continue del elif else except finally from global import in is lambda nonlocal not or pass raise return try with yield None True False match case self",
      "keyword",
    ),
    ...words(
      "abs all any bool dict divmod enumerate filter float frozenset input int isinstance iter len list map max min next open ord chr pow print range repr reversed round set sorted str sum super tuple type zip",
      "function",
    ),
    ...words(
      "collections Counter defaultdict deque heapq bisect itertools functools dataclass",
      "class",
    ),
    snippet("def ${name}(${arguments}):\n\t${pass}", {
      label: "def",
      detail: "function",
      type: "keyword",
    }),
    snippet("class ${Name}:\n\tdef __init__(self${}):\n\t\t${pass}", {
      label: "class",
      type: "class",
    }),
    snippet("for ${each} in ${list}:\n\t${pass}", {
      label: "for",
      detail: "loop",
      type: "keyword",
    }),
    snippet("while ${condition}:\n\t${pass}", { label: "while", detail: "loop", type: "keyword" }),
    snippet("if ${condition}:\n\t${pass}", { label: "if", detail: "block", type: "keyword" }),
    snippet('if __name__ == "__main__":\n\t${main()}', {
      label: "main",
      detail: "guard",
      type: "keyword",
    }),
  ],
  javascript: [...SCRIPT_WORDS, ...SCRIPT],
  typescript: [
    ...SCRIPT_WORDS,
    ...words(
      "any as boolean declare enum implements interface keyof namespace never number object private protected public readonly satisfies string type unknown",
      "type",
    ),
    ...words("Partial Pick Readonly Record Omit ReturnType", "type"),
    snippet("interface ${Name} {\n\t${}\n}", { label: "interface", detail: "block", type: "type" }),
    ...SCRIPT,
  ],
  java: [
    ...words(
      "abstract boolean break byte case catch char class continue default do double else enum extends final finally float implements import instanceof int interface long new null package private protected public record return sealed short static super switch synchronized this throw throws true false try var void volatile",
      "keyword",
    ),
    ...words(
      "ArrayDeque ArrayList Arrays Collections Collectors Comparator Deque HashMap HashSet Integer Iterator LinkedList List Long Map Math Optional PriorityQueue Scanner Set Stream String StringBuilder System TreeMap",
      "class",
    ),
    snippet("System.out.println(${});", { label: "sout", detail: "println", type: "function" }),
    snippet("public static void main(String[] args) {\n\t${}\n}", {
      label: "main",
      type: "function",
    }),
    snippet("for (${var} ${each} : ${list}) {\n\t${}\n}", {
      label: "foreach",
      detail: "loop",
      type: "keyword",
    }),
    ...C_LIKE,
  ],
  cpp: [
    ...words(
      "auto bool break case catch char class const constexpr continue default delete do double else enum explicit false float friend if inline int long mutable namespace new noexcept nullptr operator private protected public return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual void volatile",
      "keyword",
    ),
    ...words(
      "std vector string map set unordered_map unordered_set pair queue priority_queue stack deque array tuple optional cout cin cerr endl sort max min swap make_pair push_back emplace_back begin end size",
      "class",
    ),
    snippet("#include <${vector}>", { label: "include", type: "keyword" }),
    snippet("int main() {\n\t${}\n}", { label: "main", type: "function" }),
    snippet("for (const auto& ${each} : ${list}) {\n\t${}\n}", {
      label: "foreach",
      type: "keyword",
    }),
    snippet("std::cout << ${} << '\\n';", { label: "cout", detail: "print", type: "function" }),
    ...C_LIKE,
  ],
} satisfies Record<Language, readonly Completion[]>;
