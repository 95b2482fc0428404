/** The samples of a question: what goes in, what must come out, and how the program does on them. */
import type { ComponentChildren } from "preact";
import { Icon } from "../icons";
import { Compared } from "../compared";
import { reportIn, Reported } from "../reported";
import type { Problem, RunSummary } from "../api";
import { describe } from "../session/runs";
import { t } from "../words";
import { problemWords } from "../words/problem";
import type { Trial, Tried } from "./trial";

export const KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘⇧↵" : "Ctrl Shift ↵";

type Sample = Problem["samples"][number];

/** What can be done with a case, in a word, and why. */
export interface Use {
  label: string;
  hint: string;
  run: (sample: Pick<Sample, "input" | "expected">) => void;
}

interface SamplesProps {
  samples: readonly Sample[];
  /** null: they are only read here. */
  trial: Pick<Trial, "results" | "state" | "refusal" | "by"> | null;
  /** When the program was what they were tried on, if it is another one now. */
  since?: string | null;
  /** Try them; null: whoever looks may run nothing. */
  onRun?: (() => void) | null;
  /** What one does with a case that fails. */
  use?: Use | null;
  /** Of a project each names a test, and nothing is expected but that it passes. */
  areTests?: boolean;
}

export function Samples({
  samples,
  trial,
  since = null,
  onRun = null,
  use = null,
  areTests = false,
}: SamplesProps) {
  const words = problemWords().samples;
  if (samples.length === 0) return null;
  return (
    <section class="samples" aria-labelledby="samples-title">
      <header class="samples-bar">
        <h3 id="samples-title">{words.title}</h3>
        {trial && onRun && (
          <button
            type="button"
            disabled={trial.state !== "idle"}
            title={words.runHint(KEYS)}
            onClick={onRun}
          >
            <Icon name="run" /> {words.run}
          </button>
        )}
      </header>
      {trial && <Standing trial={trial} count={samples.length} since={since} />}
      <table class="cases" data-old={since !== null} aria-labelledby="samples-title">
        {samples.map((sample, index) => (
          <Case
            key={index}
            name={sample.name || words.nth(index + 1)}
            sample={sample}
            tried={trial?.results?.[index] ?? null}
            use={use}
            isTest={areTests}
          />
        ))}
      </table>
    </section>
  );
}

/** What goes on, why not, or how many pass. */
function Standing({
  trial,
  count,
  since,
}: {
  trial: NonNullable<SamplesProps["trial"]>;
  count: number;
  since: string | null;
}) {
  const words = problemWords().samples;
  const { results, state, refusal, by } = trial;
  if (refusal !== null)
    return (
      <p class="notice" role="alert">
        {refusal}
      </p>
    );
  const passed = results?.filter((each) => each.passed).length ?? 0;
  const all = results?.length ?? 0;
  return (
    <p class="samples-standing muted">
      {/* What came of it is announced, also where this is folded away: here it would be said again. */}
      <span role="status">
        {state === "trying" && (
          <>
            {words.trying(count)} <progress aria-hidden="true" />
          </>
        )}
        {state === "slow" && words.slow}
      </span>
      {state === "idle" && results !== null && (
        <>
          <strong class={passed === all ? "good" : "bad"}>{words.of(passed, all)}</strong>
          {by && ` · ${by}`}
          {since !== null && <span class="samples-old">{words.old(since)}</span>}
        </>
      )}
    </p>
  );
}

interface CaseProps {
  name: string;
  /** `expected` null: it need only end well. */
  sample: Pick<Sample, "input"> & { expected: string | null };
  tried: Tried | null;
  use: Use | null;
  isTest?: boolean;
  /** What else can be done with it. */
  children?: ComponentChildren;
}

export function Case({ name, sample, tried, use, isTest = false, children = null }: CaseProps) {
  const words = problemWords().samples;
  const failed = tried !== null && !tried.passed && tried.status !== "not_tried";
  const { input, expected } = sample;
  return (
    <tbody>
      <tr>
        <th scope="row">{name}</th>
        <td>{tried && <Passed tried={tried} />}</td>
        <td class="case-time">{tried?.duration_ms != null && t.tookMs(tried.duration_ms)}</td>
      </tr>
      <tr>
        <td colSpan={3}>
          <div class="case-texts">
            {input !== name && !(isTest && failed) && (
              <Text label={isTest ? words.test : words.input} text={input} />
            )}
            {!failed && !isTest && expected !== null && (
              <Text label={words.expected} text={expected} />
            )}
            {expected === null && tried?.passed && <Text label={words.got} text={tried.got} />}
          </div>
          {tried && (
            <Why
              tried={tried}
              expected={isTest ? null : expected}
              failed={failed}
              test={isTest ? input : null}
            />
          )}
          {((failed && use) || children) && (
            <span class="case-actions">
              {failed && use && (
                <button
                  type="button"
                  title={use.hint}
                  onClick={() => use.run({ input, expected: expected ?? "" })}
                >
                  {use.label}
                </button>
              )}
              {children}
            </span>
          )}
        </td>
      </tr>
    </tbody>
  );
}

function Passed({ tried }: { tried: Tried }) {
  const words = problemWords().samples;
  if (tried.status === "not_tried") return <span class="muted">{words.notTried}</span>;
  return (
    <span class={`case-state ${tried.passed ? "good" : "bad"}`}>
      <Icon name={tried.passed ? "check" : "cross"} />
      {tried.passed ? (tried.expected === null ? words.ended : words.passed) : words.failed}
    </span>
  );
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <span class="muted">{label}</span>
      {text.trim() === "" ? (
        <p class="muted">{problemWords().samples.nothing}</p>
      ) : (
        <pre>{text.replace(/\n$/, "")}</pre>
      )}
    </div>
  );
}

/** Beside what was expected, what came out; how it ended, what it printed besides, and what it complained. */
function Why({
  tried,
  expected,
  failed,
  test,
}: {
  tried: Tried;
  expected: string | null;
  failed: boolean;
  /** Of a project: which one it is. */
  test: string | null;
}) {
  const words = problemWords().samples;
  if (tried.status === "not_tried") return <p class="muted">{words.notTriedWhy}</p>;
  if (tried.status === "judge_error") return <p class="muted">{words.judge}</p>;
  const printed = tried.stdout !== tried.got ? tried.stdout : "";
  const wanted = { expected: expected ?? "", compare: "text" as const, tolerance: 0 };
  const looksRight = expected !== null && tried.got.trim() === expected.trim();
  return (
    <div class="instead">
      {failed && test !== null && <Reported test={test} report={reportIn(tried.got)} />}
      {failed && <Ended tried={tried} looksRight={looksRight} />}
      {failed && test === null && expected === null && tried.got.trim() !== "" && (
        <Text label={words.got} text={tried.got} />
      )}
      {failed && expected !== null && (
        <Compared test={wanted} got={tried.got} caption={words.gotInstead} />
      )}
      {printed.trim() !== "" && <Text label={words.printed} text={printed} />}
      {failed && tried.stderr?.trim() && (
        <pre class="complaint" role="group" aria-label={words.said} tabIndex={0}>
          {tried.stderr.trim()}
        </pre>
      )}
    </div>
  );
}

/** How it ended, where that is no mere end: a program that ran out of time, for one. */
function Ended({ tried, looksRight }: { tried: Tried; looksRight: boolean }) {
  if (tried.status === "exited")
    return looksRight ? <p class="muted">{problemWords().samples.rightButFailed}</p> : null;
  const ended = { status: tried.status, exit_code: null, duration_ms: null, signal: null };
  const said = describe(ended as unknown as RunSummary) as ReturnType<typeof describe> | undefined;
  return said ? <p class="muted">{said.text}</p> : null;
}
