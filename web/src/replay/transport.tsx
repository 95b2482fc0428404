/** Playing, stepping, and how the code is looked at: the row of buttons above the timeline. */
import { Fold } from "../fold";
import { useValue } from "../observable";
import { copyLink } from "../toast";
import { AskFrom } from "./ask-from";
import { Legend } from "./mark-row";
import type { Mark } from "./marks";
import { SPEEDS } from "./playback";
import type { Online } from "./online";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";
import type { Scene } from "./tape";
import type { StepTo } from "./steps";
import { replayWords } from "../words/replay";
import { clockOf } from "./time";

/** How somebody looks at the code. */
export interface Look {
  /** Whose caret is kept in view. */
  followed: string | null;
  blame: boolean;
  /** What it is compared with. */
  since: Scene | null;
}

interface TransportProps {
  recording: Recording;
  marks: readonly Mark[];
  playhead: Playhead;
  online: Online | null;
  look: Look;
  onLook: (look: Look) => void;
  step: StepTo;
}

export function Transport({
  recording,
  marks,
  playhead,
  online,
  look,
  onLook,
  step,
}: TransportProps) {
  const playing = useValue(playhead.playing);
  const scene = useValue(playhead.scene);
  const { tape } = playhead;
  return (
    <div class="transport">
      <button type="button" class="primary" onClick={() => playhead.toggle()}>
        {playing ? replayWords().replay.pause : replayWords().replay.play}
      </button>
      <Clock playhead={playhead} />
      <StepButton
        face={`‹ ${replayWords().replay.back1}`}
        keys="←"
        onClick={() => step("entry", -1)}
      />
      <StepButton
        face={`${replayWords().replay.forward1} ›`}
        keys="→"
        onClick={() => step("entry", 1)}
      />
      <StepButton
        face={`« ${replayWords().replay.previousRun}`}
        keys="J"
        onClick={() => step("run", -1)}
      />
      <StepButton
        face={`${replayWords().replay.nextRun} »`}
        keys="K"
        onClick={() => step("run", 1)}
      />
      {online?.isLive && scene.seq < tape.length && (
        <button type="button" onClick={() => playhead.jump(tape.length, tape.end)}>
          {replayWords().replay.live}
        </button>
      )}
      <Fold label={replayWords().replay.more}>
        <Speed playhead={playhead} />
        <Looks recording={recording} playhead={playhead} look={look} onLook={onLook} />
        {online !== null && (
          <button
            type="button"
            onClick={() =>
              void copyLink(
                new URL(playhead.hash, location.href).href,
                replayWords().replay.instantLink,
              )
            }
          >
            {replayWords().replay.copyLink}
          </button>
        )}
        {online?.askFrom && <AskFrom seq={scene.seq} onAsk={online.askFrom} />}
      </Fold>
      <Legend marks={marks} />
    </div>
  );
}

/** Its sign stands alone where there is no room for the words. */
function StepButton({ face, keys, onClick }: { face: string; keys: string; onClick: () => void }) {
  const [sign, words] = [face.replace(/[^‹›«»]/g, ""), face.replace(/[‹›«»]/g, "").trim()];
  const before = face.startsWith(sign);
  return (
    <button
      type="button"
      class="step"
      aria-label={words}
      title={`${words} (${keys})`}
      onClick={onClick}
    >
      {before && <span aria-hidden="true">{sign}</span>}
      <span class="step-words">{words}</span>
      {!before && <span aria-hidden="true">{sign}</span>}
    </button>
  );
}

/** The time since the beginning; it moves on in silences too. */
function Clock({ playhead }: { playhead: Playhead }) {
  const now = useValue(playhead.time);
  const { recording, end } = playhead.tape;
  return (
    <span class="clock">
      <span class="instant">{clockOf(recording, now)}</span>{" "}
      <span class="muted">{replayWords().replay.of(clockOf(recording, end))}</span>
    </span>
  );
}

function Speed({ playhead }: { playhead: Playhead }) {
  const speed = useValue(playhead.speed);
  const skips = useValue(playhead.skipsPauses);
  return (
    <>
      <label class="check">
        {replayWords().replay.speed}
        <select
          value={String(speed)}
          onChange={(event) =>
            playhead.speed.set(Number(event.currentTarget.value) as (typeof SPEEDS)[number])
          }
        >
          {SPEEDS.map((each) => (
            <option key={each} value={String(each)}>
              {each} ×
            </option>
          ))}
        </select>
      </label>
      <Check
        label={replayWords().replay.skipIdle}
        value={skips}
        onChange={(yes) => playhead.skipsPauses.set(yes)}
      />
    </>
  );
}

function Looks({
  recording,
  playhead,
  look,
  onLook,
}: Omit<TransportProps, "online" | "step" | "marks">) {
  const scene = useValue(playhead.scene);
  return (
    <>
      <select
        aria-label={replayWords().replay.follow}
        value={look.followed ?? ""}
        onChange={(event) => onLook({ ...look, followed: event.currentTarget.value || null })}
      >
        <option value="">{replayWords().replay.followNobody}</option>
        {recording.people.map((person) => (
          <option key={person.participant_id} value={person.participant_id}>
            {replayWords().replay.followPerson(person.name)}
          </option>
        ))}
      </select>
      <Check
        label={replayWords().replay.blame}
        value={look.blame}
        onChange={(blame) => onLook({ ...look, blame })}
      />
      <button
        type="button"
        aria-pressed={look.since !== null}
        onClick={() => onLook({ ...look, since: look.since === null ? scene : null })}
      >
        {look.since === null ? replayWords().replay.compare : replayWords().replay.compareEnd}
      </button>
    </>
  );
}

interface CheckProps {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}

function Check({ label, value, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
