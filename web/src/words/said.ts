/**
 * What the server says, in another language. A catalogue has its sentences with `{}` where it puts a value in; in the
 * translation `{}` is that value as it is, `{t}` the same translated. A test of the server holds the two together.
 */
export function translator(
  catalogue: Readonly<Record<string, string>>,
): (sentence: string) => string {
  let patterns: { pattern: RegExp; translation: string }[] | null = null;
  const translate = (sentence: string): string => {
    const exact = catalogue[sentence];
    if (exact !== undefined && !sentence.includes("{}")) return exact;
    // Those that say the most by themselves come first: “{} Try again.” would take what is another's.
    patterns ??= Object.entries(catalogue)
      .filter(([template]) => template.includes("{}"))
      .sort(([one], [other]) => other.length - one.length)
      .map(([template, translation]) => ({ pattern: patternOf(template), translation }));
    for (const { pattern, translation } of patterns) {
      const values = pattern.exec(sentence)?.slice(1);
      if (values === undefined) continue;
      return translation.replace(/\{(t?)\}/g, (_, translated: string) => {
        const value = values.shift() ?? "";
        return translated ? translate(value) : value;
      });
    }
    return sentence;
  };
  return translate;
}

function patternOf(template: string): RegExp {
  const parts = template.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("(.*?)")}$`, "s");
}
