/** What a session was planned with: what was given, what it is about now, and what comes next, a click away. */
import { useEffect, useState } from "preact/hooks";
import type { SessionPlan } from "../api";
import { planWords } from "../words/plans";
import { plansApi } from "./plans-api";

interface PlanProps {
  sessionId: string;
  busy: boolean;
  onGive: (questionId: string) => void;
}

/** It is made anew with each question that the session is given. */
export function PlanOfSession({ sessionId, busy, onGive }: PlanProps) {
  const w = planWords();
  const [plan, setPlan] = useState<SessionPlan | null>(null);
  useEffect(() => {
    plansApi.ofSession(sessionId).then(setPlan, () => setPlan(null)); // the question can be given by hand
  }, [sessionId]);
  if (plan === null || plan.questions.length === 0) return null;
  const { questions, current } = plan;
  const next = questions.slice((current ?? -1) + 1).find(({ question_id }) => question_id !== null);
  return (
    <section class="session-plan" aria-label={w.steps}>
      <ol>
        {questions.map(({ question_id, title, minutes, given }, at) => (
          <li key={at} aria-current={at === current ? "step" : undefined}>
            {question_id === null || at === current ? (
              <span>{title}</span>
            ) : (
              <button
                type="button"
                class="quiet"
                disabled={busy}
                title={w.give(title)}
                onClick={() => onGive(question_id)}
              >
                {title}
              </button>
            )}
            <span class="muted">
              {minutes} {w.min}
              {at === current
                ? ` · ${w.now}`
                : question_id === null
                  ? ` · ${w.gone}`
                  : given && ` · ${w.given}`}
            </span>
          </li>
        ))}
      </ol>
      {next?.question_id && (
        <button type="button" disabled={busy} onClick={() => onGive(next.question_id as string)}>
          {w.next(next.title, next.minutes)}
        </button>
      )}
    </section>
  );
}
