/** The questions of a plan in its form: moved, given their minutes, taken out. */
import type { Plan } from "../api";
import { planWords } from "../words/plans";

export type Step = Pick<Plan["questions"][number], "question_id" | "title" | "minutes">;

interface StepsProps {
  steps: readonly Step[];
  onChange: (steps: Step[]) => void;
}

export function PlanSteps({ steps, onChange }: StepsProps) {
  const w = planWords();
  if (steps.length === 0) return <p class="muted">{w.noQuestions}</p>;
  const move = (at: number, by: number) => {
    const next = [...steps];
    next.splice(at + by, 0, ...next.splice(at, 1));
    onChange(next);
  };
  const total = steps.reduce((sum, { minutes }) => sum + (minutes || 0), 0);
  return (
    <>
      <ol class="plan-steps">
        {steps.map((step, at) => (
          <li key={`${step.question_id}${at}`}>
            <span class="plan-step-title">{step.title}</span>
            <span class="plan-step-minutes">
              <input
                type="number"
                min={1}
                max={600}
                required
                aria-label={w.minutes(step.title)}
                value={step.minutes}
                onInput={(event) => {
                  const minutes = event.currentTarget.valueAsNumber;
                  onChange(steps.map((each, i) => (i === at ? { ...each, minutes } : each)));
                }}
              />{" "}
              {w.min}
            </span>
            <Move
              name={w.earlier(step.title)}
              sign="↑"
              off={at === 0}
              onMove={() => move(at, -1)}
            />
            <Move
              name={w.later(step.title)}
              sign="↓"
              off={at === steps.length - 1}
              onMove={() => move(at, 1)}
            />
            <Move
              name={w.remove(step.title)}
              sign="×"
              off={false}
              onMove={() => onChange(steps.filter((_, i) => i !== at))}
            />
          </li>
        ))}
      </ol>
      <p class="muted">{w.total(total)}</p>
    </>
  );
}

interface MoveProps {
  name: string;
  sign: string;
  off: boolean;
  onMove: () => void;
}

function Move({ name, sign, off, onMove }: MoveProps) {
  return (
    <button
      type="button"
      class="quiet"
      aria-label={name}
      title={name}
      disabled={off}
      onClick={onMove}
    >
      {sign}
    </button>
  );
}
