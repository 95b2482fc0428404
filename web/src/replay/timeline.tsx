/** The timeline: a scrubber with the time below it, a lane for each person, marks for what happened. */
import { useMemo } from "preact/hooks";
import { useValue } from "../observable";
import { colorOf, PEER_COLORS } from "../session/colors";
import { span, t } from "../words";
import { BUCKETS, durationOf, lanesOf, linesOfWork, placeOf, stretchesOf, ticksOf } from "./lanes";
import type { Mark } from "./marks";
import { Marks } from "./mark-row";
import type { Playhead } from "./playhead";
import type { Recording } from "./recording";
import type { Tape } from "./tape";
import { replayWords } from "../words/replay";
import { clockOf, zeroOf } from "./time";

const HEIGHT = 20;

interface TimelineProps {
  recording: Recording;
  marks: readonly Mark[];
  playhead: Playhead;
}

export function Timeline({ recording, marks, playhead }: TimelineProps) {
  const lanes = useMemo(() => lanesOf(recording), [recording]);
  return (
    <div class="tracks">
      <Scrubber recording={recording} playhead={playhead} />
      <Ticks recording={recording} duration={durationOf(recording)} />
      <Stretches recording={recording} />
      <Marks recording={recording} marks={marks} playhead={playhead} />
      <div class="lanes">
        <Sizes recording={recording} playhead={playhead} />
        {lanes.map((lane) => (
          <div key={lane.participantId} class={`lane peer-${colorOf(lane.participantId)}`}>
            <span class="lane-name">{lane.name}</span>
            <Picture label={replayWords().replay.lane(lane.name)} path={barsOf(lane.activity)} />
          </div>
        ))}
        <Needle recording={recording} playhead={playhead} />
      </div>
    </div>
  );
}

function Scrubber({ recording, playhead }: Omit<TimelineProps, "marks">) {
  const time = useValue(playhead.time);
  const scene = useValue(playhead.scene);
  const offset = Math.max(0, time - recording.createdAt);
  return (
    <input
      type="range"
      class="scrubber"
      min={0}
      max={Math.ceil(durationOf(recording))}
      step={1}
      value={String(Math.round(offset))}
      aria-label={replayWords().replay.position}
      aria-valuetext={replayWords().replay.positionText(
        clockOf(recording, recording.createdAt + offset),
        scene.seq,
        playhead.tape.length,
      )}
      onInput={(event) => {
        playhead.pause();
        playhead.goTo(recording.createdAt + Number(event.currentTarget.value));
      }}
      onKeyDown={(event) => {
        // A step of the slider is a millisecond; a key's is an entry.
        const step = {
          ArrowLeft: -1,
          ArrowRight: 1,
          ArrowDown: -1,
          ArrowUp: 1,
          PageUp: 50,
          PageDown: -50,
        }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        playhead.jump(scene.seq + step);
      }}
    />
  );
}

/** The time along the bar. The first stands to the right of its line, the last to the left: none is cut off. */
function Ticks({ recording, duration }: { recording: Recording; duration: number }) {
  const zero = zeroOf(recording) - recording.createdAt;
  return (
    <div class="ticks" aria-hidden="true">
      {ticksOf(duration, zero).map((tick) => {
        const left = placeOf(tick, duration);
        return (
          <span key={tick} class="tick" style={{ left }}>
            <span style={{ transform: `translateX(-${left})` }}>{span((tick - zero) / 1000)}</span>
          </span>
        );
      })}
    </div>
  );
}

/** When the session was at which question: each has a colour of its own, the same when it is come back to. */
function Stretches({ recording }: { recording: Recording }) {
  const stretches = useMemo(() => stretchesOf(recording), [recording]);
  const lines = linesOfWork(recording);
  const duration = durationOf(recording);
  if (stretches.length === 0) return null;
  return (
    <div class="stretches" aria-hidden="true">
      {stretches.map(({ of, from, to, name }) => (
        <span
          key={from}
          class={`stretch peer-${lines.findIndex((line) => line.of === of) % PEER_COLORS}`}
          title={t.branches.at(name)}
          style={{ left: placeOf(from, duration), width: placeOf(to - from, duration) }}
        >
          {name}
        </span>
      ))}
    </div>
  );
}

function Sizes({ recording, playhead }: Omit<TimelineProps, "marks">) {
  const scene = useValue(playhead.scene);
  const sizes = useMemo(() => sizesOf(recording, playhead.tape), [recording, playhead.tape]);
  return (
    <div class="lane sizes">
      <span class="lane-name">{replayWords().replay.size(playhead.tape.sizeAt(scene.seq))}</span>
      <Picture label={replayWords().replay.sizes} path={sizes} />
    </div>
  );
}

function Picture({ label, path }: { label: string; path: string }) {
  return (
    <svg
      viewBox={`0 0 ${BUCKETS} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  );
}

function Needle({ recording, playhead }: Omit<TimelineProps, "marks">) {
  const time = useValue(playhead.time);
  const left = placeOf(Math.max(0, time - recording.createdAt), durationOf(recording));
  return <span class="needle" style={{ left }} aria-hidden="true" />;
}

/** The characters of code over time, as an area. */
function sizesOf(recording: Recording, tape: Tape): string {
  const duration = durationOf(recording);
  const found = Array.from({ length: BUCKETS }, (_, bucket) =>
    tape.sizeAt(tape.seqAt(recording.createdAt + (duration * (bucket + 1)) / BUCKETS)),
  );
  const most = Math.max(1, ...found);
  const steps = found.map(
    (size, bucket) => `L${bucket} ${(HEIGHT * (1 - size / most)).toFixed(1)}h1`,
  );
  return `M0 ${HEIGHT}${steps.join("")}V${HEIGHT}z`;
}

function barsOf(activity: readonly number[]): string {
  return activity
    .map((value, index) => {
      if (value === 0) return "";
      const height = Math.max(2, Math.sqrt(value) * HEIGHT);
      return `M${index} ${HEIGHT}v${-height.toFixed(1)}h1v${height.toFixed(1)}z`;
    })
    .join("");
}
