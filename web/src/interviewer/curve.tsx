/** When each test passed: a step for every instant that was tried, the same in words, and what it printed instead. */
import "../styles/marks.css";
import { Fragment } from "preact";
import { Instead } from "./instead";
import {
  type Attempt,
  firstPassed,
  lastBroke,
  passes,
  passesSince,
  type Suite,
  type TitledSuite,
} from "./suite";
import { replayWords } from "../words/replay";

interface CurveProps {
  suite: Suite;
  /** An instant as people read it. */
  clock: (attempt: Attempt) => string;
  /** The entry that is looked at; null: the newest. */
  now: number | null;
  onGo: (at: number) => void;
}

type CurvesProps = Omit<CurveProps, "suite"> & { suites: readonly TitledSuite[] };

/** Those of several questions, each under its title. */
export function Curves({ suites, ...shown }: CurvesProps) {
  return suites.map(({ title, suite }, index) => (
    <Fragment key={index}>
      {(suites.length > 1 || title !== "") && (
        <h3 class="curves-title">{title || replayWords().tests.ofNone}</h3>
      )}
      <Curve suite={suite} {...shown} />
    </Fragment>
  ));
}

export function Curve({ suite, clock, now, onGo }: CurveProps) {
  const shown = suite.attempts.findLast(({ at }) => now === null || at <= now);
  return (
    <>
      {suite.tests.map((test, number) => (
        <div key={number} class="curve">
          <strong>{test.name || replayWords().tests.nth(number + 1)}</strong>
          {suite.attempts.length > 0 && <span class="muted">{inWords(suite, number, clock)}</span>}
          <span class="curve-steps">
            {suite.attempts.map((attempt) => {
              const passed = passes(attempt, number);
              const said = `${clock(attempt)}, ${passed ? replayWords().tests.passes : replayWords().tests.fails}`;
              return (
                <button
                  key={attempt.at}
                  type="button"
                  class={`mark ${passed ? "mark-passed" : "mark-failed"}`}
                  title={said}
                  aria-label={said}
                  aria-current={attempt === shown ? "step" : undefined}
                  onClick={() => onGo(attempt.at)}
                />
              );
            })}
          </span>
          {shown && <Instead test={test} outcome={shown.outcomes[number]} at={clock(shown)} />}
        </div>
      ))}
    </>
  );
}

function inWords(suite: Suite, number: number, clock: CurveProps["clock"]): string {
  const [since, first, broke] = [passesSince, firstPassed, lastBroke].map((find) =>
    find(suite, number),
  );
  if (since) return replayWords().tests.firstPassed(clock(since));
  if (!first) return replayWords().tests.neverPassed;
  return [
    replayWords().tests.passedFrom(clock(first)),
    broke && replayWords().tests.brokeAt(clock(broke)),
  ]
    .filter(Boolean)
    .join(" · ");
}
