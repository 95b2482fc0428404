/** A language as a line of words: its version, and the libraries that programs may import. */
import type { LanguageInfo } from "./api";

/** Return what a language is here, in a line; nothing while nobody knows. */
export function told({ version, libraries }: Pick<LanguageInfo, "version" | "libraries">): string {
  const names = libraries.map(({ name, version: which }) => (which ? `${name} ${which}` : name));
  return [version ?? "", names.join(", ")].filter(Boolean).join(" · ");
}
