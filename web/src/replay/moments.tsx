/** What happened, as a list: the moments one looks for first, everything on request, and the way to each. */
import { useState } from "preact/hooks";
import { useValue } from "../observable";
import { t } from "../words";
import { durationOf, timeSplit } from "./lanes";
import { isMoment, type Mark } from "./marks";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";
import { replayWords } from "../words/replay";
import { clockOf } from "./time";

interface MomentsProps {
  recording: Recording;
  marks: readonly Mark[];
  playhead: Playhead;
}

export function Moments({ recording, marks, playhead }: MomentsProps) {
  const [all, setAll] = useState(false);
  const scene = useValue(playhead.scene);
  const shown = all ? marks : marks.filter(isMoment);
  return (
    <>
      <p class="muted split">{spent(recording)}</p>
      {shown.length === 0 && <p class="muted">{replayWords().replay.quiet}</p>}
      <ol class="entries happenings" aria-label={replayWords().replay.happened}>
        {shown.map((mark) => (
          <Moment
            key={`${mark.seq} ${mark.kind} ${mark.offset}`}
            mark={mark}
            now={mark.seq === scene.seq}
            recording={recording}
            playhead={playhead}
          />
        ))}
      </ol>
      {marks.some((mark) => !isMoment(mark)) && (
        <label class="check">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
          {replayWords().replay.everything}
        </label>
      )}
    </>
  );
}

/** What somebody did; where the timeline names nobody, it was asked of the server without being in the session. */
const DEEDS: ReadonlySet<Mark["kind"]> = new Set(["language", "branch", "back"]);

interface MomentProps extends Omit<MomentsProps, "marks"> {
  mark: Mark;
  now: boolean;
}

function Moment({ mark, now, recording, playhead }: MomentProps) {
  const { seq, offset, kind, title, text, turn } = mark;
  const known = recording.people.find(
    (person) => person.participant_id === mark.participantId,
  )?.name;
  const name = known ?? (DEEDS.has(kind) ? t.bar.server : undefined);
  return (
    <li aria-current={now ? "time" : undefined}>
      <button
        type="button"
        class="quiet"
        onClick={() => playhead.jump(seq, recording.createdAt + offset)}
      >
        {clockOf(recording, recording.createdAt + offset)}
      </button>
      <span class={`sign sign-${kind}`} aria-hidden="true" />
      <span>
        {turn && <strong>{turn} · </strong>}
        {name && `${name} `}
        <span class={name ? "muted" : ""}>{title}</span>
        {isAfterEnd(recording, mark) && <span class="muted"> {replayWords().replay.afterEnd}</span>}
        {text && <span class="line-text">{text}</span>}
      </span>
    </li>
  );
}

/** A note that was written when all was over stands at the end. */
function isAfterEnd(recording: Recording, { kind, offset }: Mark): boolean {
  const ended = recording.entries.at(-1)?.kind === "session.ended";
  return ended && (kind === "note" || kind === "chat") && offset === durationOf(recording);
}

function spent(recording: Recording): string {
  const { typing, running, neither } = timeSplit(recording);
  const all = Math.max(1, typing + running + neither);
  const [typed, ran] = [Math.round((typing / all) * 100), Math.round((running / all) * 100)];
  return replayWords().replay.spent(typed, ran, Math.max(0, 100 - typed - ran));
}
