/** What files may be called. `tests/data/paths.json` has examples; the server knows the rule as well. */
const EXTENSIONS: Record<string, string> = {
  py: "python",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  ts: "typescript",
  tsx: "typescript",
  mts: "typescript",
  cts: "typescript",
  java: "java",
  cpp: "cpp",
  cc: "cpp",
  cxx: "cpp",
  h: "cpp",
  hpp: "cpp",
  hh: "cpp",
};
const MAINS: Record<string, string> = {
  python: "main.py",
  javascript: "main.js",
  typescript: "main.ts",
  java: "Main.java",
  cpp: "main.cpp",
};

/** The language of a file by its name; "text" for others. */
export function languageOf(path: string): string {
  return EXTENSIONS[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "text";
}

/** The file of a language that Run runs, as far as this page knows. */
export function mainOf(
  language: string,
  known: readonly { id: string; main: string }[] = [],
): string | null {
  return known.find(({ id }) => id === language)?.main ?? MAINS[language] ?? null;
}

/** The file that Run runs where a question's files lie in a folder; where that has none, the language's as always. */
export function mainIn(
  folder: string | null | undefined,
  language: string,
  paths: readonly string[],
): string | null {
  const main = mainOf(language);
  const own = folder && main ? folder + main : null;
  return own !== null && paths.includes(own) ? own : main;
}

/** The file to show first: the one that Run runs, or else one of the language, or else any. */
export function firstPath(
  language: string,
  paths: readonly string[],
  main = mainOf(language),
): string | null {
  if (main !== null && paths.includes(main)) return main;
  return paths.find((path) => languageOf(path) === language) ?? paths[0] ?? null;
}

/** A file that another one of this name cannot be beside, or null. */
export function inTheWay(path: string, existing: readonly string[]): string | null {
  const wanted = folded(path);
  const isInTheWay = (other: string) => {
    const there = folded(other);
    return there === wanted || isInside(there, wanted) || inOtherFolder(path, other);
  };
  return existing.find(isInTheWay) ?? null;
}

/** Whether one of two paths would be a folder that the other is in. */
export function isInside(one: string, other: string): boolean {
  return one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/** Whether two paths lead through folders whose names differ by nothing but case: one folder on some computers. */
function inOtherFolder(path: string, other: string): boolean {
  const [mine, theirs] = [path.split("/").slice(0, -1), other.split("/").slice(0, -1)];
  return mine.some(
    (part, depth) =>
      folded(mine.slice(0, depth + 1).join("/")) === folded(theirs.slice(0, depth + 1).join("/")) &&
      part !== theirs[depth],
  );
}

/** Names that are one on a computer that ignores case, or how an accent is written. */
export function folded(path: string): string {
  return path.normalize("NFC").toLowerCase().normalize("NFC");
}

/** The path, or the first like it (`a-2.py`) that no file has. */
export function freePath(path: string, existing: readonly string[]): string {
  const dot = path.lastIndexOf(".");
  const end = dot > path.lastIndexOf("/") + 1 ? dot : path.length;
  let free = path;
  for (let number = 2; inTheWay(free, existing) !== null; number++)
    free = `${path.slice(0, end)}-${number}${path.slice(end)}`;
  return free;
}
