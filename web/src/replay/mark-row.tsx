/** The marks on the timeline, in two rows, and the legend that says what they mean. */
import "../styles/marks.css";
import { durationOf, placeOf } from "./lanes";
import type { Mark, MarkKind } from "./marks";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";
import { replayWords } from "../words/replay";
import { clockOf } from "./time";

/** Which row a mark stands in, in the order of the legend; "list": in the list only. */
const ROWS: Record<MarkKind, "program" | "others" | "list"> = {
  failed: "program",
  passed: "program",
  tests: "program",
  note: "others",
  chat: "others",
  said: "others",
  paste: "others",
  suggestion: "others",
  language: "others",
  problem: "others",
  branch: "others",
  back: "others",
  away: "others",
  lost: "others",
  leave: "others",
  join: "list",
  ended: "list",
  reopened: "list",
  pause: "list",
};
const KINDS = Object.keys(ROWS) as MarkKind[];

interface MarksProps {
  recording: Recording;
  marks: readonly Mark[];
  playhead: Playhead;
}

export function Marks({ recording, marks, playhead }: MarksProps) {
  const duration = durationOf(recording);
  // A note is written when a run ends, more often than not: the two have rows of their own.
  const rows = ["program", "others"].map((row) => marks.filter(({ kind }) => ROWS[kind] === row));
  return (
    <>
      {rows.map(
        (row, place) =>
          row.length > 0 && (
            <div key={place} class="marks">
              {row.map((mark) => (
                <button
                  key={`${mark.seq} ${mark.kind} ${mark.offset}`}
                  type="button"
                  class={`mark mark-${mark.kind}`}
                  tabIndex={-1}
                  style={{ left: placeOf(mark.offset, duration) }}
                  title={said(recording, mark)}
                  aria-label={said(recording, mark)}
                  onClick={() => playhead.jump(mark.seq, recording.createdAt + mark.offset)}
                />
              ))}
            </div>
          ),
      )}
    </>
  );
}

function said(recording: Recording, { participantId, offset, turn, title, text }: Mark): string {
  const name = recording.people.find((person) => person.participant_id === participantId)?.name;
  const what = [name, title].filter(Boolean).join(" ");
  return [clockOf(recording, recording.createdAt + offset), turn, what, text]
    .filter(Boolean)
    .join(" · ");
}

export function Legend({ marks }: { marks: readonly Mark[] }) {
  const kinds = KINDS.filter(
    (each) => ROWS[each] !== "list" && marks.some(({ kind }) => kind === each),
  );
  if (kinds.length === 0) return null;
  return (
    <ul class="legend" aria-label={replayWords().replay.legend}>
      {kinds.map((kind) => (
        <li key={kind}>
          <span class={`sign sign-${kind}`} aria-hidden="true" />
          {replayWords().replay.marks[kind]}
        </li>
      ))}
    </ul>
  );
}
