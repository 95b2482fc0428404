/** The scorecard: a score and a reason for each criterion, kept as one goes, shown to the others when submitted. */
import type { Scorecard, Session } from "../api";
import { useValue } from "../observable";
import type { Room } from "../session/room";
import { criterionName } from "../words/wrap-up";
import { RubricEditor } from "./rubric";
import { isOthers, type Mark, markOf, UNJUDGED, useScorecard } from "./scorecard";
import { panelWords } from "../words/panels";

const SCALE = [1, 2, 3, 4] as const;

/** The scores beside the editor: asked for again when the server says that there is something new. */
export function ScoresPanel({ room, session }: { room: Room; session: Session }) {
  return <Scores session={session} turn={useValue(room.scoresTurn)} />;
}

export function Scores({ session, turn }: { session: Session; turn: number }) {
  const id = session.session_id;
  const { rubric, setRubric, marks, cards, ready, kept, change, submit } = useScorecard(
    session,
    turn,
  );
  const own = cards.find((card) => card.yours);
  const judged = rubric.some((criterion) => marks.get(criterion)?.score != null);
  return (
    <section class="scores">
      {rubric.length === 0 && <p class="muted">{panelWords().scores.noRubric}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {rubric.map((criterion) => (
          <Criterion
            key={criterion}
            criterion={criterion}
            mark={marks.get(criterion) ?? UNJUDGED}
            disabled={!ready}
            onChange={(mark) => change(criterion, mark)}
          />
        ))}
        {rubric.length > 0 && (
          <span class="row-actions">
            <button type="submit" class="primary" disabled={own?.submitted_at != null || !judged}>
              {panelWords().scores.submit}
            </button>
            <span class="muted" role="status">
              {kept ? panelWords().scores.kept : ""}
            </span>
          </span>
        )}
        <p class="muted">
          {own?.submitted_at ? panelWords().scores.submitted : panelWords().scores.hint}
        </p>
      </form>
      <RubricEditor sessionId={id} rubric={rubric} onSaved={(now) => setRubric(now.rubric ?? [])} />
      <Others cards={cards.filter(isOthers)} />
    </section>
  );
}

interface CriterionProps {
  criterion: string;
  mark: Mark;
  disabled: boolean;
  onChange: (mark: Partial<Mark>) => void;
}

function Criterion({ criterion, mark, disabled, onChange }: CriterionProps) {
  return (
    <fieldset disabled={disabled}>
      <legend>{criterionName(criterion)}</legend>
      <div class="scale">
        {SCALE.map((score) => (
          <label key={score} class="check">
            <input
              type="radio"
              name={criterion}
              checked={mark.score === score}
              // The instant of the judgement is what it rests on.
              onChange={() => onChange({ score, anchor: null })}
            />
            <span>
              {score} <span class="muted">· {panelWords().scores.scale[score - 1]}</span>
            </span>
          </label>
        ))}
      </div>
      <input
        value={mark.comment}
        maxLength={2000}
        aria-label={panelWords().scores.why(criterionName(criterion))}
        placeholder={panelWords().scores.whyPlaceholder}
        onInput={(event) => onChange({ comment: event.currentTarget.value })}
      />
    </fieldset>
  );
}

function Others({ cards }: { cards: readonly Scorecard[] }) {
  return (
    <>
      <h2>{panelWords().scores.others}</h2>
      {cards.length === 0 && <p class="muted">{panelWords().scores.noneYet}</p>}
      {cards.map((card) => (
        <dl key={card.participant_id} class="card">
          <dt>{card.name}</dt>
          {card.scores.map(markOf).map(([criterion, mark]) => (
            <dd key={criterion}>
              {criterionName(criterion)}: {mark.score ?? panelWords().scores.none}
              {mark.comment && <span class="muted"> {mark.comment}</span>}
            </dd>
          ))}
        </dl>
      ))}
    </>
  );
}
