/** The plan that a new session is to go through, where the library has plans that are ready. */
import { useEffect, useState } from "preact/hooks";
import type { Plan } from "../api";
import { planWords } from "../words/plans";
import { plansApi } from "./plans-api";

interface PlanChoiceProps {
  onChoose: (plan: Plan) => void;
}

export function PlanChoice({ onChoose }: PlanChoiceProps) {
  const w = planWords();
  const [plans, setPlans] = useState<readonly Plan[]>([]);
  useEffect(() => {
    plansApi.plans().then(setPlans, () => setPlans([])); // a question can be chosen all the same
  }, []);
  const ready = plans.filter(
    ({ questions }) => questions.length > 0 && questions.every((each) => each.ready),
  );
  if (ready.length === 0) return null;
  return (
    <select
      aria-label={w.choice}
      value=""
      onChange={(event) => {
        const chosen = ready.find(({ plan_id }) => plan_id === event.currentTarget.value);
        if (chosen) onChoose(chosen);
      }}
    >
      <option value="">
        {w.choice}: {w.none}
      </option>
      {ready.map(({ plan_id, title, questions, minutes }) => (
        <option key={plan_id} value={plan_id}>
          {title} ({w.about(questions.length, minutes)})
        </option>
      ))}
    </select>
  );
}
