/** The scorecard: a score and a reason for each criterion, kept as one goes, shown to the others when submitted. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type Scorecard, type Session } from "../api";
import { useValue } from "../observable";
import type { Room } from "../session/room";
import { toast } from "../toast";
import { t } from "../words";

interface Mark {
  score: number | null;
  comment: string;
  anchor: number | null;
}

const KEEP_MS = 600;
const SCALE = [1, 2, 3, 4] as const;
const UNJUDGED: Mark = { score: null, comment: "", anchor: null };

export function Scores({ room, session }: { room: Room; session: Session }) {
  const rubric = session.rubric ?? [];
  const [marks, setMarks] = useState<ReadonlyMap<string, Mark>>(new Map());
  const [cards, setCards] = useState<readonly Scorecard[]>([]);
  const [kept, setKept] = useState(false);
  // What was kept before comes first: it would take back what is judged while it is on its way, or be overwritten by it.
  const [ready, setReady] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const turn = useValue(room.scoresTurn);
  const id = session.session_id;
  const own = cards.find((card) => card.yours);
  const failed = (error: ApiError) => toast(error.message);

  const load = useCallback(
    (mineToo: boolean) =>
      api.scores(id).then((found) => {
        // Later, one's own card is what the answers to one's own requests said: this one may be older.
        if (!mineToo)
          return setCards((have) => [...found.filter(isOthers), ...have.filter((card) => card.yours)]);
        setCards(found);
        setMarks(new Map((found.find((card) => card.yours)?.scores ?? []).map(markOf)));
        setReady(true);
      }, failed),
    [id],
  );
  useEffect(() => void load(true), [load]);
  useEffect(() => {
    if (turn > 0) void load(!ready);
  }, [turn, load, ready]);

  const latest = useRef(marks);
  latest.current = marks;
  const keep = useCallback(async () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const scores = [...latest.current].map(([criterion, mark]) => ({ criterion, ...mark }));
    const card = await api.keepScores(id, scores);
    setCards((have) => [...have.filter(isOthers), card]);
    setKept(true);
  }, [id]);
  // What was typed last is kept when the panel is left.
  useEffect(
    () => () => {
      if (timer.current !== undefined) keep().catch(failed);
    },
    [keep],
  );
  const change = (criterion: string, mark: Partial<Mark>) => {
    setMarks((have) => new Map(have).set(criterion, { ...(have.get(criterion) ?? UNJUDGED), ...mark }));
    setKept(false);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void keep().catch(failed), KEEP_MS);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      if (timer.current !== undefined) await keep();
      const card = await api.submitScores(id);
      setCards((have) => [...have.filter(isOthers), card]);
    } catch (error) {
      failed(error as ApiError);
    }
  };

  const others = cards.filter(isOthers);
  return (
    <section class="scores">
      {rubric.length === 0 && <p class="muted">{t.scores.noRubric}</p>}
      <form onSubmit={(event) => void submit(event)}>
        {rubric.map((criterion) => {
          const mark = marks.get(criterion) ?? UNJUDGED;
          return (
            <fieldset key={criterion} disabled={!ready}>
              <legend>{criterion}</legend>
              <div class="scale">
                {SCALE.map((score) => (
                  <label key={score} class="check">
                    <input
                      type="radio"
                      name={criterion}
                      checked={mark.score === score}
                      // The instant of the judgement is what it rests on.
                      onChange={() => change(criterion, { score, anchor: null })}
                    />
                    {score} <span class="muted">{t.scores.scale[score - 1]}</span>
                  </label>
                ))}
              </div>
              <input
                value={mark.comment}
                maxLength={2000}
                aria-label={t.scores.why(criterion)}
                placeholder={t.scores.whyPlaceholder}
                onInput={(event) => change(criterion, { comment: event.currentTarget.value })}
              />
            </fieldset>
          );
        })}
        {rubric.length > 0 && (
          <span class="row-actions">
            <button type="submit" class="primary" disabled={own?.submitted_at != null}>
              {t.scores.submit}
            </button>
            <span class="muted" role="status">
              {kept ? t.scores.kept : ""}
            </span>
          </span>
        )}
        <p class="muted">{own?.submitted_at ? t.scores.submitted : t.scores.hint}</p>
      </form>
      <h2>{t.scores.others}</h2>
      {others.length === 0 && <p class="muted">{t.scores.noneYet}</p>}
      {others.map((card) => (
        <dl key={card.participant_id} class="card">
          <dt>{card.name}</dt>
          {card.scores.map(markOf).map(([criterion, mark]) => (
            <dd key={criterion}>
              {criterion}: {mark.score ?? t.scores.none}
              {mark.comment && <span class="muted"> {mark.comment}</span>}
            </dd>
          ))}
        </dl>
      ))}
    </section>
  );
}

function isOthers(card: Scorecard): boolean {
  return !card.yours;
}

function markOf(score: Record<string, unknown>): [string, Mark] {
  const anchor = typeof score.anchor === "number" ? score.anchor : null;
  return [
    String(score.criterion),
    { score: (score.score as number | null) ?? null, comment: String(score.comment ?? ""), anchor },
  ];
}
