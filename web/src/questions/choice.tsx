/** The question or the plan that a new session is to be about, in its form. */
import type { Plan, UsableQuestion } from "../api";
import { planWords } from "../words/plans";
import { questionWords } from "../words/questions";
import { about, Chooser } from "./chooser";
import { PlanChoice } from "./plan-choice";
import type { Beginning } from "./wanted";

interface ChoiceProps {
  chosen: UsableQuestion | Plan | null;
  onChoose: (beginning: Beginning | null) => void;
}

export function QuestionChoice({ chosen, onChoose }: ChoiceProps) {
  const w = questionWords().choosing;
  return (
    <div class="wide question-choice">
      <span>
        {w.label} <span class="muted">{w.hint}</span>
      </span>
      {chosen ? (
        <p class="chosen" role="status">
          <span>
            <span class="for-readers">{chosenOf(chosen)}</span>
            <strong aria-hidden="true">{chosen.title}</strong>{" "}
            <span class="muted">{aboutOf(chosen)}</span>
          </span>
          <button
            type="button"
            class="quiet"
            aria-label={w.remove(chosen.title)}
            title={w.remove(chosen.title)}
            onClick={() => onChoose(null)}
          >
            ×
          </button>
        </p>
      ) : (
        <div class="choosing">
          <Chooser onChoose={(question) => onChoose({ question })} />
          <PlanChoice onChoose={(plan) => onChoose({ plan })} />
        </div>
      )}
    </div>
  );
}

function chosenOf(chosen: UsableQuestion | Plan): string {
  const { title } = chosen;
  return "plan_id" in chosen ? planWords().chosen(title) : questionWords().choosing.chosen(title);
}

function aboutOf(chosen: UsableQuestion | Plan): string {
  return "plan_id" in chosen
    ? planWords().about(chosen.questions.length, chosen.minutes)
    : about(chosen);
}
