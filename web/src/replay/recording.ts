/** A session as it was recorded: everything that a player plays. */
import type { Person, PrivateEntry, TimelineEntry } from "../api";

export interface Recording {
  sessionId: string;
  title: string;
  language: string;
  createdAt: number;
  /** When the interview began, with the candidate's coming; null where nobody came. */
  startedAt: number | null;
  people: readonly Person[];
  entries: readonly TimelineEntry[];
  notes: readonly PrivateEntry[];
}
