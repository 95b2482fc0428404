/** What is told of a large paste. */
export type Source = "own" | "session" | "outside";

export interface Paste {
  path: string;
  characters: number;
  lines: number;
  source: Source;
}
