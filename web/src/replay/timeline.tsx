/** The timeline: a scrubber, a lane for each person, marks for what happened. */
import { useMemo } from "preact/hooks";
import { colorOf } from "../session/colors";
import { span, t } from "../words";
import { BUCKETS, durationOf, lanesOf, type Mark, stretchesOf } from "./marks";
import type { Recording, Scene, Tape } from "./tape";

const HEIGHT = 20;

interface TimelineProps {
  recording: Recording;
  marks: readonly Mark[];
  tape: Tape;
  scene: Scene;
  onGo: (seq: number) => void;
}

export function Timeline({ recording, marks, tape, scene, onGo }: TimelineProps) {
  const lanes = useMemo(() => lanesOf(recording), [recording]);
  const stretches = useMemo(() => stretchesOf(recording), [recording]);
  const duration = durationOf(recording);
  const sizes = useMemo(() => sizesOf(recording, tape), [recording, tape]);
  const offset = Math.max(0, scene.at - recording.createdAt);
  const share = (value: number) => `${((value / duration) * 100).toFixed(3)}%`;
  return (
    <div class="tracks">
      <input
        type="range"
        class="scrubber"
        min={0}
        max={Math.ceil(duration)}
        step={1}
        value={String(Math.round(offset))}
        aria-label={t.replay.position}
        aria-valuetext={t.replay.positionText(span(offset / 1000), scene.seq, tape.length)}
        onInput={(event) => onGo(tape.seqAt(recording.createdAt + Number(event.currentTarget.value)))}
        onKeyDown={(event) => {
          // A step of the slider is a millisecond; a key's is an entry.
          const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageUp: 50, PageDown: -50 }[
            event.key
          ];
          if (step === undefined) return;
          event.preventDefault();
          onGo(scene.seq + step);
        }}
      />
      {stretches.length > 0 && (
        <div class="stretches" aria-hidden="true">
          {stretches.map((stretch) => (
            <span
              key={stretch.from}
              class="stretch"
              title={t.branches.at(stretch.name)}
              style={{ left: share(stretch.from), width: share(stretch.to - stretch.from) }}
            >
              {stretch.name}
            </span>
          ))}
        </div>
      )}
      {[marks.filter(isOfProgram), marks.filter((mark) => !isOfProgram(mark))].map(
        (row, place) =>
          row.length > 0 && (
            <div key={place} class="marks">
              {row.map((mark) => (
                <button
                  key={`${mark.seq} ${mark.kind}`}
                  type="button"
                  class={`mark mark-${mark.kind}`}
                  tabIndex={-1}
                  style={{ left: share(mark.offset) }}
                  title={[span(mark.offset / 1000), t.replay.marks[mark.kind], mark.text]
                    .filter(Boolean)
                    .join(" · ")}
                  aria-label={[t.replay.marks[mark.kind], span(mark.offset / 1000), mark.text]
                    .filter(Boolean)
                    .join(", ")}
                  onClick={() => onGo(mark.seq)}
                />
              ))}
            </div>
          ),
      )}
      <div class="lane sizes">
        <span class="lane-name">{t.replay.size(tape.sizeAt(scene.seq))}</span>
        <svg
          viewBox={`0 0 ${BUCKETS} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t.replay.sizes}
        >
          <path d={sizes} />
        </svg>
        <span class="needle" style={{ left: share(offset) }} aria-hidden="true" />
      </div>
      {lanes.map((lane) => (
        <div key={lane.participantId} class={`lane peer-${colorOf(lane.participantId)}`}>
          <span class="lane-name">{lane.name}</span>
          <svg
            viewBox={`0 0 ${BUCKETS} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={t.replay.lane(lane.name)}
          >
            <path d={barsOf(lane.activity)} />
          </svg>
          <span class="needle" style={{ left: share(offset) }} aria-hidden="true" />
        </div>
      ))}
    </div>
  );
}

/** The characters of code over time, as an area. */
/** A note is written when a run ends, more often than not: the two have rows of their own. */
function isOfProgram({ kind }: Mark): boolean {
  return kind === "passed" || kind === "failed" || kind === "tests";
}

function sizesOf(recording: Recording, tape: Tape): string {
  const duration = durationOf(recording);
  const found = Array.from({ length: BUCKETS }, (_, bucket) =>
    tape.sizeAt(tape.seqAt(recording.createdAt + (duration * (bucket + 1)) / BUCKETS)),
  );
  const most = Math.max(1, ...found);
  const steps = found.map((size, bucket) => `L${bucket} ${(HEIGHT * (1 - size / most)).toFixed(1)}h1`);
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
