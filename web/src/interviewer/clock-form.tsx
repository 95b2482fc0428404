/** How long the interview is and of which parts, and whether the candidate sees its clock. */
import "../styles/clock-form.css";
import { useState } from "preact/hooks";
import { api, type Clock } from "../api";
import { useSubmit } from "../submit";
import { wrapUpWords } from "../words/wrap-up";

const MOST_STEPS = 5;
const LONGEST = 600;

interface FormProps {
  sessionId: string;
  clock: Clock;
  onDone: () => void;
}

export function ClockForm({ sessionId, clock, onDone }: FormProps) {
  const w = wrapUpWords().clock;
  const [minutes, setMinutes] = useState(String(clock.minutes));
  const [steps, setSteps] = useState(
    clock.steps.map((step) => ({ ...step, minutes: String(step.minutes) })),
  );
  const [shown, setShown] = useState(clock.shown);
  const [restart, setRestart] = useState(false);
  const { busy, problem, submit } = useSubmit(async () => {
    const wanted = steps
      .filter(({ name }) => name.trim())
      .map((step) => ({ ...step, minutes: Number(step.minutes) }));
    await api.setClock(sessionId, { minutes: Number(minutes), steps: wanted, shown, restart });
    onDone();
  });
  const change = (index: number, part: Partial<(typeof steps)[number]>) =>
    setSteps(steps.map((step, at) => (at === index ? { ...step, ...part } : step)));
  return (
    <form class="clock-form" onSubmit={(event) => void submit(event)}>
      <p class="muted">{clock.seconds === null ? w.notYet : w.running}</p>
      <Minutes name="minutes" label={w.minutes} value={minutes} onValue={setMinutes} />
      {steps.map((step, index) => (
        <span key={index} class="clock-form-step">
          <input
            value={step.name}
            name={`steps.${index}.name`}
            maxLength={40}
            aria-label={w.step(index + 1)}
            placeholder={w.stepExample}
            onInput={(event) => change(index, { name: event.currentTarget.value })}
          />
          <Minutes
            name={`steps.${index}.minutes`}
            label={w.stepMinutes(index + 1)}
            hidden
            value={step.minutes}
            onValue={(value) => change(index, { minutes: value })}
          />
        </span>
      ))}
      {steps.length < MOST_STEPS && (
        <button
          type="button"
          class="quiet"
          onClick={() => setSteps([...steps, { name: "", minutes: "10" }])}
        >
          {w.addStep}
        </button>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={shown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        {w.shown}
      </label>
      {clock.seconds !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={restart}
            onChange={(event) => setRestart(event.currentTarget.checked)}
          />
          {w.restart}
        </label>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {w.save}
      </button>
    </form>
  );
}

interface MinutesProps {
  name: string;
  label: string;
  value: string;
  hidden?: boolean;
  onValue: (value: string) => void;
}

function Minutes({ name, label, value, hidden = false, onValue }: MinutesProps) {
  return (
    <label>
      {!hidden && label}
      <input
        name={name}
        type="number"
        min={1}
        max={LONGEST}
        required
        value={value}
        aria-label={label}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}
