/** The progress curve: tests (an input, and what must be printed) tried on the code of every run and many instants. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RunSummary } from "../api";
import { span, t } from "../words";
import { type Attempt, firstPassed, instantsToTry, lastBroke, outcomeOf, type TestCase } from "./curve";
import type { Recording } from "./tape";

interface ProgressProps {
  recording: Recording;
  runAt: (seq: number, stdin: string) => Promise<RunSummary>;
  onGo: (seq: number) => void;
}

export function Progress({ recording, runAt, onGo }: ProgressProps) {
  const [cases, setCases] = useState<readonly TestCase[]>([{ input: "", expected: "" }]);
  const [attempts, setAttempts] = useState<readonly Attempt[]>([]);
  const [done, setDone] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const turn = useRef(0);
  const instants = useMemo(() => instantsToTry(recording), [recording]);
  const tried = cases.filter((each) => each.expected.trim() !== "");
  useEffect(
    () => () => {
      turn.current += 1; // whoever leaves needs no further answers
    },
    [],
  );
  const change = (index: number, part: Partial<TestCase>) =>
    setCases(cases.map((each, at) => (at === index ? { ...each, ...part } : each)));
  const evaluate = async (event: Event) => {
    event.preventDefault();
    const mine = ++turn.current;
    setAttempts([]);
    setProblem(null);
    try {
      for (const [index, seq] of instants.entries())
        for (const [number, test] of tried.entries()) {
          setDone(index * tried.length + number);
          const passed = outcomeOf(await runAt(seq, test.input), test.expected);
          if (mine !== turn.current) return;
          setAttempts((have) => [...have, { seq, test: number, passed }]);
        }
    } catch (error) {
      if (mine === turn.current) setProblem((error as Error).message);
    }
    if (mine === turn.current) setDone(null);
  };
  const at = (seq: number) => {
    const entry = recording.entries[seq - 1];
    return entry ? span((Date.parse(entry.at) - recording.createdAt) / 1000) : "";
  };
  return (
    <details class="progress">
      <summary>{t.replay.progress}</summary>
      <p class="muted">{t.replay.progressHint(instants.length)}</p>
      <form onSubmit={(event) => void evaluate(event)}>
        {cases.map((test, index) => (
          <fieldset key={index}>
            <legend>{t.replay.test(index + 1)}</legend>
            <label>
              {t.replay.input}
              <textarea
                class="code"
                rows={2}
                value={test.input}
                onInput={(event) => change(index, { input: event.currentTarget.value })}
              />
            </label>
            <label>
              {t.replay.expected}
              <textarea
                class="code"
                rows={2}
                value={test.expected}
                onInput={(event) => change(index, { expected: event.currentTarget.value })}
              />
            </label>
          </fieldset>
        ))}
        <span class="row-actions">
          <button type="submit" class="primary" disabled={tried.length === 0 || done !== null}>
            {t.replay.evaluate}
          </button>
          <button type="button" onClick={() => setCases([...cases, { input: "", expected: "" }])}>
            {t.replay.addTest}
          </button>
        </span>
      </form>
      {done !== null && (
        <progress max={instants.length * tried.length} value={done} aria-label={t.replay.evaluate} />
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {attempts.length > 0 &&
        tried.map((_, number) => {
          const mine = attempts.filter((each) => each.test === number);
          const first = firstPassed(mine);
          const broke = lastBroke(mine);
          return (
            <div key={number} class="curve" role="status">
              <span>{t.replay.test(number + 1)}</span>
              <span class="curve-steps">
                {mine.map(({ seq, passed }) => (
                  <button
                    key={seq}
                    type="button"
                    class={`mark ${passed ? "mark-passed" : "mark-failed"}`}
                    title={`${at(seq)} · ${passed ? t.replay.passes : t.replay.fails}`}
                    aria-label={`${at(seq)}, ${passed ? t.replay.passes : t.replay.fails}`}
                    onClick={() => onGo(seq)}
                  />
                ))}
              </span>
              <span class="muted">
                {first === null ? t.replay.neverPassed : t.replay.firstPassed(at(first))}
                {broke !== null && ` · ${t.replay.brokeAt(at(broke))}`}
              </span>
            </div>
          );
        })}
    </details>
  );
}
