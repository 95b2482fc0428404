/** One's own scorecard, kept as one goes, and those of the others. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type Scorecard, type Session } from "../api";
import { toast } from "../toast";

export interface Mark {
  score: number | null;
  comment: string;
  anchor: number | null;
}

const KEEP_MS = 600;
export const UNJUDGED: Mark = { score: null, comment: "", anchor: null };

/** Read the cards of a session, again at each turn, and keep what is changed of one's own. */
export function useScorecard(session: Session, turn: number) {
  const [rubric, setRubric] = useState(session.rubric ?? []);
  const [marks, setMarks] = useState<ReadonlyMap<string, Mark>>(new Map());
  const [cards, setCards] = useState<readonly Scorecard[]>([]);
  const [kept, setKept] = useState(false);
  // What was kept before comes first: it would take back what is judged while it is on its way, or be overwritten by it.
  const [ready, setReady] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const id = session.session_id;
  const failed = (error: ApiError) => toast(error.message);

  const load = useCallback(
    (mineToo: boolean) =>
      api.scores(id).then((found) => {
        // Later, one's own card is what the answers to one's own requests said: this one may be older.
        if (!mineToo)
          return setCards((have) => [
            ...found.filter(isOthers),
            ...have.filter((card) => card.yours),
          ]);
        setCards(found);
        setMarks(new Map((found.find((card) => card.yours)?.scores ?? []).map(markOf)));
        setReady(true);
      }, failed),
    [id],
  );
  useEffect(() => void load(true), [load]);
  useEffect(() => {
    if (turn === 0) return;
    void load(!ready);
    api.session(id).then((now) => setRubric(now.rubric ?? []), failed);
  }, [turn, load, ready, id]);

  const latest = useRef(marks);
  latest.current = marks;
  const counted = useRef(rubric);
  counted.current = rubric;
  const changed = useRef(false); // since it was kept, or could not be
  const keep = useCallback(async () => {
    clearTimeout(timer.current);
    changed.current = false;
    // Of criteria that went meanwhile nothing is kept: the server knows them no more.
    const scores = [...latest.current]
      .filter(([criterion]) => counted.current.includes(criterion))
      .map(([criterion, mark]) => ({ criterion, ...mark }));
    const card = await api.keepScores(id, scores).catch((error: ApiError) => {
      changed.current = true;
      throw error;
    });
    setCards((have) => [...have.filter(isOthers), card]);
    setKept(true);
  }, [id]);
  // What was typed last is kept when the panel is left.
  useEffect(
    () => () => {
      if (changed.current) keep().catch(failed);
    },
    [keep],
  );
  const change = (criterion: string, mark: Partial<Mark>) => {
    setMarks((have) =>
      new Map(have).set(criterion, { ...(have.get(criterion) ?? UNJUDGED), ...mark }),
    );
    setKept(false);
    changed.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void keep().catch(failed), KEEP_MS);
  };
  const submit = async () => {
    try {
      if (changed.current) await keep();
      const card = await api.submitScores(id);
      setCards((have) => [...have.filter(isOthers), card]);
    } catch (error) {
      failed(error as ApiError);
    }
  };
  return { rubric, setRubric, marks, cards, ready, kept, change, submit };
}

export function isOthers(card: Scorecard): boolean {
  return !card.yours;
}

export function markOf(score: Record<string, unknown>): [string, Mark] {
  const anchor = typeof score.anchor === "number" ? score.anchor : null;
  return [
    String(score.criterion),
    { score: (score.score as number | null) ?? null, comment: String(score.comment ?? ""), anchor },
  ];
}
