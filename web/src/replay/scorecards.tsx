/** What each interviewer decided, and the scores that were submitted, each criterion with the instant that it rests on. */
import { useMemo } from "preact/hooks";
import type { PrivateEntry } from "../api";
import { criterionName, wrapUpWords } from "../words/wrap-up";
import type { Playhead } from "./playhead";
import { decisionsOf, scorecardsOf } from "./scored";
import type { Recording } from "./recording";
import { replayWords } from "../words/replay";
import { panelWords } from "../words/panels";
import { clockOf } from "./time";

export function Scorecards({ recording, playhead }: { recording: Recording; playhead: Playhead }) {
  const cards = useMemo(() => scorecardsOf(recording.notes), [recording]);
  const clock = (seq: number) => clockOf(recording, playhead.tape.timeOf(seq));
  return (
    <div class="scorecards">
      <Decided notes={recording.notes} />
      {cards.length === 0 && <p class="muted">{replayWords().replay.noScores}</p>}
      {cards.map((card) => (
        <section key={card.participantId}>
          <h2>{card.name}</h2>
          <dl>
            {card.scores.map(({ criterion, score, comment, anchor }) => (
              <div key={criterion} class="scored">
                <dt>{criterionName(criterion)}</dt>
                <dd>
                  {score === null
                    ? panelWords().scores.none
                    : [score, panelWords().scores.scale[score - 1]].filter(Boolean).join(" · ")}
                  {anchor !== null && (
                    <button type="button" class="quiet" onClick={() => playhead.jump(anchor)}>
                      {replayWords().replay.scoredAt(clock(anchor))}
                    </button>
                  )}
                  {comment && <p class="line-text">{comment}</p>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Decided({ notes }: { notes: readonly PrivateEntry[] }) {
  const decisions = useMemo(() => decisionsOf(notes), [notes]);
  const w = wrapUpWords().decision;
  if (decisions.length === 0) return null;
  return (
    <section aria-labelledby="decided">
      <h2 id="decided">{w.label}</h2>
      <dl>
        {decisions.map(({ participantId, name, verdict, text }) => (
          <div key={participantId} class="scored">
            <dt>{name}</dt>
            <dd>
              {w.verdicts[verdict]}
              {text && <p class="line-text">{text}</p>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
