/** When each test passed: a step for every instant that was tried, and the same in words. */
import { t } from "../words";
import { firstPassed, lastBroke, type Suite } from "./suite";

interface CurveProps {
  suite: Suite;
  /** An instant as people read it. */
  clock: (at: number) => string;
  onGo: (at: number) => void;
}

export function Curve({ suite, clock, onGo }: CurveProps) {
  return (
    <>
      {suite.tests.map((test, number) => {
        const first = firstPassed(suite, number);
        const broke = lastBroke(suite, number);
        return (
          <div key={number} class="curve">
            <span>{test.name || t.tests.nth(number + 1)}</span>
            <span class="curve-steps">
              {suite.attempts.map(({ at, passed }) => {
                const said = `${clock(at)}, ${passed[number] ? t.tests.passes : t.tests.fails}`;
                return (
                  <button
                    key={at}
                    type="button"
                    class={`mark ${passed[number] ? "mark-passed" : "mark-failed"}`}
                    title={said}
                    aria-label={said}
                    onClick={() => onGo(at)}
                  />
                );
              })}
            </span>
            {suite.attempts.length > 0 && (
              <span class="muted">
                {first === null ? t.tests.neverPassed : t.tests.firstPassed(clock(first))}
                {broke !== null && ` · ${t.tests.brokeAt(clock(broke))}`}
              </span>
            )}
          </div>
        );
      })}
    </>
  );
}
