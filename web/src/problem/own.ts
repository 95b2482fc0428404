/** Cases that this person made up, as this browser keeps them for a question of a session. */
import { useEffect, useState } from "preact/hooks";
import { recall, remember } from "../remembered";

export interface OwnCase {
  input: string;
  /** What must come out; null: it need only end well. */
  expected: string | null;
}

/** As many as the server tries at once. */
export const MOST = 20;

/** The cases, and how to change them: another question has others. */
export function useOwnCases(
  place: string,
): [readonly OwnCase[], (now: readonly OwnCase[]) => void] {
  const [cases, setCases] = useState(() => read(recall(place)));
  useEffect(() => setCases(read(recall(place))), [place]);
  const keep = (now: readonly OwnCase[]) => {
    setCases(now);
    remember(place, JSON.stringify(now));
  };
  return [cases, keep];
}

/** What was kept: anybody who can write into this browser may have written anything. */
export function read(kept: string | null): readonly OwnCase[] {
  try {
    const found: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(found) ? found.flatMap(caseOf).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function caseOf(value: unknown): OwnCase[] {
  const { input, expected } = (value ?? {}) as Partial<Record<keyof OwnCase, unknown>>;
  if (typeof input !== "string") return [];
  return [{ input, expected: typeof expected === "string" ? expected : null }];
}

/** Whether two are the same case, by whomever. */
export function isSameCase(one: OwnCase, other: OwnCase): boolean {
  return one.input === other.input && one.expected === other.expected;
}
