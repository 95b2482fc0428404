/** Tests of the program, tried by the server on the code of every run. */
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type TestCase, type TestsRead } from "../api";
import { t } from "../words";
import { Curve, Curves } from "./curve";
import { type Attempt, passing, suiteOf } from "./suite";
import { type Form, TestFields } from "./test-fields";
import { replayWords } from "../words/replay";

const SOON_MS = 700;
const LATER_MS = 5000; // when it does not go on
const NEW: TestCase = {
  name: "",
  stdin: "",
  expected: "",
  compare: "text",
  tolerance: 1e-6,
  by_question: false,
};

interface TestsProps {
  sessionId: string;
  form: Form;
  /** Something else whenever there may be more to read. */
  turn: unknown;
  clock: (attempt: Attempt) => string;
  /** The entry that is looked at; null: the newest. */
  now: number | null;
  onGo: (at: number) => void;
}

export function Tests({ sessionId, form, turn, clock, now: shown, onGo }: TestsProps) {
  const { read, setRead, problem, setProblem } = useTests(sessionId, turn);
  const [draft, setDraft] = useState<readonly TestCase[] | null>(null);
  const [busy, setBusy] = useState(false);
  if (read === null)
    return problem === null ? <p class="muted">{t.loading}</p> : <Problem text={problem} />;
  const editing = draft ?? (read.tests.length === 0 ? [NEW] : null);
  const save = async (tests: readonly TestCase[]) => {
    setBusy(true);
    setProblem(null);
    try {
      setRead(await api.keepTests(sessionId, tests));
      setDraft(null);
    } catch (error) {
      setProblem((error as ApiError).message); // what was typed stays
    }
    setBusy(false);
  };
  return (
    <section class="tests">
      {editing ? (
        <>
          <p class="muted">{replayWords().tests.hint(form)}</p>
          <TestsForm
            tests={editing}
            form={form}
            busy={busy}
            onChange={setDraft}
            onSave={save}
            onCancel={draft !== null && read.tests.length > 0 ? () => setDraft(null) : null}
          />
        </>
      ) : (
        <>
          <Standing read={read} />
          <Curve suite={suiteOf(read)} clock={clock} now={shown} onGo={onGo} />
          {read.note && <p class="muted">{t.said(read.note)}</p>}
          <span class="row-actions">
            <button type="button" onClick={() => setDraft(read.tests)}>
              {replayWords().tests.edit}
            </button>
          </span>
        </>
      )}
      {problem !== null && <Problem text={problem} />}
      {read.others.length > 0 && (
        <Curves
          suites={read.others.map((each) => ({ title: each.title, suite: suiteOf(each) }))}
          clock={clock}
          now={shown}
          onGo={onGo}
        />
      )}
    </section>
  );
}

/** The tests and what came of them, asked for until all is tried, and again at each turn. */
function useTests(sessionId: string, turn: unknown) {
  const [read, setRead] = useState<TestsRead | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const found = await api.tests(sessionId);
      if (gone) return;
      setRead(found);
      const wait = found.problem === null ? SOON_MS : LATER_MS;
      if (found.pending > 0) timer = setTimeout(() => void ask().catch(failed), wait);
    };
    const failed = (error: ApiError) => setProblem(error.message);
    ask().catch(failed);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [sessionId, turn, read?.of]);
  return { read, setRead, problem, setProblem };
}

function Problem({ text }: { text: string }) {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

/** How many tests pass now, and how many codes are still to be tried. */
function Standing({ read }: { read: TestsRead }) {
  const w = replayWords().tests;
  const now = passing(suiteOf(read));
  return (
    <>
      <p role="status">
        {now !== null && w.now(now, read.tests.length)}
        {now !== null && read.pending > 0 && " · "}
        {read.pending > 0 && <span class="muted">{w.pending(read.pending)}</span>}
      </p>
      {read.pending > 0 && (
        <progress
          max={read.pending + read.attempts.length}
          value={read.attempts.length}
          aria-label={w.trying}
        />
      )}
      {read.problem && <p class="problem">{t.said(read.problem)}</p>}
    </>
  );
}

interface FormProps {
  tests: readonly TestCase[];
  form: Form;
  busy: boolean;
  onChange: (tests: readonly TestCase[]) => void;
  onSave: (tests: readonly TestCase[]) => Promise<void>;
  onCancel: (() => void) | null;
}

function TestsForm({ tests, form, busy, onChange, onSave, onCancel }: FormProps) {
  const change = (index: number, part: Partial<TestCase>) =>
    onChange(tests.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void onSave(tests);
      }}
    >
      {tests.map((test, index) => (
        <fieldset key={index}>
          <legend>{replayWords().tests.nth(index + 1)}</legend>
          <TestFields test={test} form={form} onChange={(part) => change(index, part)} />
          <span class="row-actions">
            <button
              type="button"
              class="quiet"
              onClick={() => onChange(tests.filter((_, at) => at !== index))}
            >
              {replayWords().tests.remove(index + 1)}
            </button>
          </span>
        </fieldset>
      ))}
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy}>
          {replayWords().tests.save}
        </button>
        <button type="button" onClick={() => onChange([...tests, NEW])}>
          {replayWords().tests.add}
        </button>
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            {replayWords().tests.cancel}
          </button>
        )}
      </span>
    </form>
  );
}
