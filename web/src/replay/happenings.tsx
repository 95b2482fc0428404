/** What happened, as a list: the marks of the timeline for those who read, and the way to each instant. */
import { useMemo } from "preact/hooks";
import { span, t } from "../words";
import { type Mark, timeSplit } from "./marks";
import type { Recording } from "./tape";

interface HappeningsProps {
  recording: Recording;
  marks: readonly Mark[];
  now: number;
  onGo: (seq: number) => void;
}

export function Happenings({ recording, marks, now, onGo }: HappeningsProps) {
  const split = useMemo(() => timeSplit(recording), [recording]);
  const all = Math.max(1, split.typing + split.running + split.idle);
  const names = new Map(recording.people.map((person) => [person.participant_id, person.name]));
  const part = (value: number) => t.replay.share(Math.round((value / all) * 100));
  return (
    <>
      <p class="muted split">
        {part(split.typing)} {t.replay.typing} · {part(split.running)} {t.replay.running} · {part(split.idle)}{" "}
        {t.replay.idle}
      </p>
      {marks.length === 0 && <p class="muted">{t.activity.empty}</p>}
      <ol class="entries happenings" aria-label={t.replay.happened}>
        {marks.map((mark) => (
          <li key={`${mark.seq} ${mark.kind}`} aria-current={mark.seq === now ? "time" : undefined}>
            <button type="button" class="quiet" onClick={() => onGo(mark.seq)}>
              {span(mark.offset / 1000)}
            </button>
            <span>
              {names.get(mark.participantId ?? "") ?? t.activity.server}{" "}
              <span class={`muted mark-word-${mark.kind}`}>{t.replay.marks[mark.kind]}</span>
              {mark.text && <span class="line-text">{mark.text}</span>}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
