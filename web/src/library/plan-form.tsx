/** The form that writes a plan: its questions in order, their minutes, and what all of it is scored by. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, Plan } from "../api";
import { Frame } from "../accounts/frame";
import { Trouble } from "../field";
import { askBeforeLeaving, go } from "../navigation";
import { Chooser } from "../questions/chooser";
import { plansApi } from "../questions/plans-api";
import { useInSession } from "../questions/wanted";
import { useSubmit } from "../submit";
import { useSure } from "../sure";
import { toast } from "../toast";
import { t } from "../words";
import { planWords } from "../words/plans";
import { questionWords } from "../words/questions";
import { linesOf } from "./lines";
import { PlanSteps, type Step } from "./plan-steps";

interface PlanFormProps {
  plan: Plan | null;
  /** What says that nobody has changed it since. */
  tag: string;
}

export function PlanForm({ plan, tag }: PlanFormProps) {
  const w = planWords();
  const [title, setTitle] = useState(plan?.title ?? "");
  const [steps, setSteps] = useState<readonly Step[]>(plan?.questions ?? []);
  const [rubric, setRubric] = useState((plan?.rubric ?? []).join("\n"));
  const changed = useRef(false);
  useEffect(() => askBeforeLeaving(() => changed.current), []);
  const change = (action: () => void) => {
    changed.current = true;
    action();
  };
  const { busy, problem, submit } = useSubmit(async () => {
    if (steps.length === 0) throw new Error(w.needsQuestions);
    const wanted = {
      title: title.trim(),
      questions: steps.map(({ question_id, minutes }) => ({ question_id, minutes })),
      rubric: linesOf(rubric),
    };
    const kept = plan
      ? await plansApi.update(plan.plan_id, wanted, tag)
      : await plansApi.create(wanted);
    changed.current = false;
    toast(w.saved(kept.title));
    go("/library/plans");
  });
  return (
    <Frame
      title={plan ? w.change(plan.title) : w.add}
      back="/library/plans"
      backTo={w.title}
      actions={plan && <Actions plan={plan} />}
    >
      <form class="question-form" onSubmit={(event) => void submit(event)}>
        <label>
          {w.name}
          <input
            name="title"
            required
            value={title}
            maxLength={200}
            onInput={(event) => change(() => setTitle(event.currentTarget.value))}
          />
        </label>
        <fieldset name="questions">
          <legend>
            {w.questions} <span class="muted">{w.questionsHint}</span>
          </legend>
          <PlanSteps steps={steps} onChange={(next) => change(() => setSteps(next))} />
          <Chooser
            key={steps.length} // empty again
            onChoose={(question) => change(() => setSteps([...steps, question]))}
          />
        </fieldset>
        <label>
          <span>
            {w.rubric} <span class="muted">{w.rubricHint}</span>
          </span>
          <textarea
            name="rubric"
            rows={4}
            value={rubric}
            onInput={(event) => change(() => setRubric(event.currentTarget.value))}
          />
        </label>
        <Trouble text={problem} />
        <div class="form-actions">
          <button type="submit" class="primary" disabled={busy}>
            {w.save}
          </button>
          <button type="button" onClick={() => go("/library/plans")}>
            {t.cancel}
          </button>
        </div>
      </form>
    </Frame>
  );
}

function Actions({ plan }: { plan: Plan }) {
  const w = planWords();
  const { sure, setSure, opener, keep } = useSure();
  const remove = async () => {
    try {
      await plansApi.remove(plan.plan_id);
      toast(w.deleted(plan.title));
      go("/library/plans");
    } catch (error) {
      toast((error as ApiError).message);
    }
  };
  if (sure)
    return (
      <span key="sure" class="row-actions" role="alert">
        <span>{w.sure}</span>
        <button type="button" class="danger" onClick={() => void remove()}>
          {w.deleteNow}
        </button>
        <button type="button" ref={keep} onClick={() => setSure(false)}>
          {w.keep}
        </button>
      </span>
    );
  return (
    <span class="row-actions">
      <button type="button" onClick={() => useInSession({ plan })}>
        {questionWords().library.use}
      </button>
      <button type="button" ref={opener} onClick={() => setSure(true)}>
        {w.delete}
      </button>
    </span>
  );
}
