/** The interviewers' log as a page shows it: notes and chat with their latest text, without what was taken back. */
import type { PrivateEntry } from "../api";
import { type PrivateKind, skip } from "../kinds";

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
    const kind = entry.kind as PrivateKind;
    const of = lines.get(Number(data.of));
    switch (kind) {
      case "note":
      case "chat":
      case "scores":
        lines.set(entry.seq, lineOf(entry, kind));
        break;
      case "note.changed":
        if (of) of.text = String(data.text);
        break;
      case "note.removed":
        lines.delete(Number(data.of));
        break;
      case "decision": // These are no lines: see `replay/scored.ts` and `suite.ts`.
      case "tests":
      case "test.result":
        break;
      default:
        skip(kind);
    }
  }
  return [...lines.values()];
}

function lineOf({ seq, at, participant_id, data }: PrivateEntry, kind: Line["kind"]): Line {
  return {
    ...{ seq, at, kind },
    participantId: participant_id,
    name: String(data.name),
    anchor: Number(data.anchor),
    text: String(data.text ?? ""),
  };
}
