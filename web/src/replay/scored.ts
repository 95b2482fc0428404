/** Scorecards and decisions as the interviewers' log has them; it may come from anybody's archive and say anything. */
import type { PrivateEntry, Verdict } from "../api";

export interface Scored {
  criterion: string;
  score: number | null;
  comment: string;
  /** The entry of the shared log it rests on. */
  anchor: number | null;
}

export interface Card {
  participantId: string;
  name: string;
  scores: readonly Scored[];
}

/** What each interviewer submitted last. */
export function scorecardsOf(notes: readonly PrivateEntry[]): Card[] {
  const cards = new Map<string, Card>();
  for (const { kind, participant_id: participantId, data } of notes) {
    if (kind !== "scores" || !Array.isArray(data.scores)) continue;
    const scores = (data.scores as unknown[]).filter(isObject).map((each) => ({
      criterion: String(each.criterion ?? ""),
      score: numberOf(each.score),
      comment: String(each.comment ?? ""),
      anchor: numberOf(each.anchor),
    }));
    cards.set(participantId, { participantId, name: String(data.name), scores });
  }
  return [...cards.values()];
}

export interface Verdicted {
  participantId: string;
  name: string;
  verdict: Verdict;
  text: string;
}

const VERDICTS: readonly Verdict[] = ["strong_no", "no", "yes", "strong_yes"];

/** What each interviewer decided last, but what whoever reads this may not know yet. */
export function decisionsOf(notes: readonly PrivateEntry[]): Verdicted[] {
  const decisions = new Map<string, Verdicted>();
  for (const { kind, participant_id: participantId, data } of notes) {
    const verdict = VERDICTS.find((each) => each === data.verdict);
    if (kind !== "decision" || verdict === undefined) continue;
    decisions.set(participantId, {
      participantId,
      name: String(data.name),
      verdict,
      text: String(data.text),
    });
  }
  return [...decisions.values()];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
