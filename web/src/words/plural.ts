/** A number and its noun, for languages with one form for one and another for all others. */
export function plural(count: number, one: string, other: string): string {
  return `${count} ${count === 1 ? one : other}`;
}
