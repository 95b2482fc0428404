/** Why a test failed: what the program printed beside what it must print, or why it printed nothing. */
import type { TestCase } from "../api";
import { describe } from "../session/runs";
import type { RunSummary } from "../api";
import { beside } from "../beside";
import { Compared } from "../compared";
import type { Outcome } from "./suite";
import { reportIn, Reported } from "../reported";
import { replayWords } from "../words/replay";

const PASSED = "passed"; // what is expected of a project's tests

interface InsteadProps {
  test: TestCase;
  outcome: Outcome | undefined;
  /** The instant whose code was tried, as people read it. */
  at: string;
}

export function Instead({ test, outcome, at }: InsteadProps) {
  if (outcome === undefined || outcome.passed) return null;
  if (outcome.status === "not_tried") return <p class="muted">{replayWords().tests.notTried}</p>;
  if (outcome.status === "no_file") return <p class="muted">{replayWords().tests.noFile}</p>;
  if (outcome.got === null) return <p class="muted">{replayWords().tests.notKept}</p>;
  const report = reportIn(outcome.got);
  const isOfProject = test.by_question && test.expected === PASSED;
  if (isOfProject && (report !== null || outcome.got === ""))
    return (
      <div class="instead">
        <Reported test={test.stdin} report={report} />
        <Ending outcome={outcome} test={test} />
      </div>
    );
  return (
    <div class="instead">
      <Compared test={test} got={outcome.got} caption={replayWords().tests.gotAt(at)} />
      {outcome.more > 0 && <p class="muted">{replayWords().tests.moreCharacters(outcome.more)}</p>}
      <Ending outcome={outcome} test={test} />
    </div>
  );
}

/** How it ended, where that is why it failed, and what it complained. */
function Ending({ outcome, test }: { outcome: Outcome; test: TestCase }) {
  const { status, exitCode, complaint, got } = outcome;
  const isRight = beside(test, got ?? "").rows.every(({ same }) => same) && outcome.more === 0;
  const ended = { status, exit_code: exitCode, duration_ms: null, signal: null } as RunSummary;
  const how =
    isRight && status === "exited" && exitCode !== null
      ? replayWords().tests.exited(exitCode)
      : describe(ended)?.text;
  return (
    <>
      {(status !== "exited" || exitCode !== 0) && <p class="muted">{how}</p>}
      {complaint.trim() && (
        <pre class="complaint" role="group" aria-label={replayWords().tests.said} tabIndex={0}>
          {complaint.trim()}
        </pre>
      )}
    </>
  );
}
