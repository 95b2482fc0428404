/** The plans of the library: which questions an interview goes through. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, Plan } from "../api";
import { Frame } from "../accounts/frame";
import { Icon } from "../icons";
import { go } from "../navigation";
import { plansApi } from "../questions/plans-api";
import { useInSession } from "../questions/wanted";
import { PreferencesMenu } from "../preferences-menu";
import { t } from "../words";
import { planWords } from "../words/plans";
import { questionWords } from "../words/questions";
import { PlanForm } from "./plan-form";

export function Plans({ id }: { id: string | undefined }) {
  if (!id) return <PlanList />;
  if (id === "new") return <PlanForm plan={null} tag="" />;
  return <KnownPlan id={id} />;
}

function PlanList() {
  const w = planWords();
  const [plans, setPlans] = useState<readonly Plan[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = () => {
    setProblem(null);
    plansApi.plans().then(setPlans, (error: ApiError) => setProblem(error.message));
  };
  useEffect(load, []);
  return (
    <Frame
      title={w.title}
      back="/library"
      backTo={questionWords().library.title}
      actions={
        <span class="row-actions">
          <PreferencesMenu />
          <button type="button" class="primary" onClick={() => go("/library/plans/new")}>
            <Icon name="plus" /> {w.add}
          </button>
        </span>
      }
    >
      {problem !== null && (
        <section class="empty" role="alert">
          <h2>{w.failed}</h2>
          <p>{problem}</p>
          <button type="button" onClick={load}>
            {t.tryAgain}
          </button>
        </section>
      )}
      {problem === null && plans === null && <p class="muted">{w.loading}</p>}
      {plans?.length === 0 && (
        <section class="empty" role="status">
          <p>{w.empty}</p>
        </section>
      )}
      {plans !== null && plans.length > 0 && (
        <ul class="rows questions" aria-label={w.list}>
          {plans.map((plan) => (
            <Row key={plan.plan_id} plan={plan} />
          ))}
        </ul>
      )}
    </Frame>
  );
}

function Row({ plan }: { plan: Plan }) {
  const w = planWords();
  const address = `/library/plans/${plan.plan_id}`;
  const ready = plan.questions.length > 0 && plan.questions.every((each) => each.ready);
  const facts = [w.about(plan.questions.length, plan.minutes), !ready && w.notReady];
  return (
    <li>
      <div class="row-main">
        <a
          href={address}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            go(address);
          }}
        >
          {plan.title}
        </a>
        <span class="muted">{facts.filter(Boolean).join(" · ")}</span>
        <span class="muted">{plan.questions.map(({ title }) => title).join(" → ")}</span>
      </div>
      {ready && (
        <button type="button" title={w.useIt(plan.title)} onClick={() => useInSession({ plan })}>
          {questionWords().library.use}
          <span class="for-readers"> {plan.title}</span>
        </button>
      )}
    </li>
  );
}

function KnownPlan({ id }: { id: string }) {
  const [found, setFound] = useState<{ plan: Plan; tag: string } | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => {
    plansApi.plan(id).then(setFound, setProblem);
  }, [id]);
  if (found) return <PlanForm plan={found.plan} tag={found.tag} />;
  if (problem === null) return <p class="loading muted">{t.loading}</p>;
  return (
    <Frame title={planWords().missing} back="/library/plans" backTo={planWords().title}>
      <p role="alert">{problem.message}</p>
    </Frame>
  );
}
