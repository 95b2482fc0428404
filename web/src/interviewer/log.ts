/** The interviewers' log as a page shows it: notes and chat with their latest text, without what was taken back. */
import type { PrivateEntry } from "../api";

export interface Line {
  seq: number;
  at: string;
  kind: "note" | "chat" | "scores";
  participantId: string;
  name: string;
  /** The timeline entry it is about. */
  anchor: number;
  text: string;
}

/** Fold entries, in any order and with repetitions, into what stands now. */
export function linesOf(entries: readonly PrivateEntry[]): Line[] {
  const lines = new Map<number, Line>();
  for (const entry of [...entries].sort((one, other) => one.seq - other.seq)) {
    const { data } = entry;
    const of = lines.get(Number(data.of));
    if (entry.kind === "note.changed") {
      if (of) of.text = String(data.text);
    } else if (entry.kind === "note.removed") lines.delete(Number(data.of));
    else if (entry.kind === "note" || entry.kind === "chat" || entry.kind === "scores")
      lines.set(entry.seq, {
        seq: entry.seq,
        at: entry.at,
        kind: entry.kind,
        participantId: entry.participant_id,
        name: String(data.name),
        anchor: Number(data.anchor),
        text: String(data.text ?? ""),
      });
  }
  return [...lines.values()];
}
