/** Tests of the program: what it must print for which input, tried by the server on the code of every run. */
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type TestCase, type TestsRead } from "../api";
import { t } from "../words";
import { Curve } from "./curve";
import { passing, suiteOf } from "./suite";

const SOON_MS = 700;
const LATER_MS = 5000; // when it does not go on
const NEW: TestCase = { name: "", stdin: "", expected: "" };

interface TestsProps {
  sessionId: string;
  /** Something else whenever there may be more to read. */
  turn: unknown;
  clock: (at: number) => string;
  onGo: (at: number) => void;
}

export function Tests({ sessionId, turn, clock, onGo }: TestsProps) {
  const [read, setRead] = useState<TestsRead | null>(null);
  const [draft, setDraft] = useState<readonly TestCase[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
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
  if (read === null)
    return problem ? (
      <p class="problem" role="alert">
        {problem}
      </p>
    ) : (
      <p class="muted">{t.loading}</p>
    );
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
  const suite = suiteOf(read);
  const now = passing(suite);
  return (
    <section class="tests">
      {editing ? (
        <>
          <p class="muted">{t.tests.hint}</p>
          <TestsForm
            tests={editing}
            busy={busy}
            onChange={setDraft}
            onSave={save}
            onCancel={draft !== null && read.tests.length > 0 ? () => setDraft(null) : null}
          />
        </>
      ) : (
        <>
          <p role="status">
            {now !== null && t.tests.now(now, read.tests.length)}
            {read.pending > 0 && <span class="muted"> {t.tests.pending(read.pending)}</span>}
          </p>
          {read.pending > 0 && (
            <progress
              max={read.pending + read.attempts.length}
              value={read.attempts.length}
              aria-label={t.tests.trying}
            />
          )}
          {read.problem && <p class="problem">{t.said(read.problem)}</p>}
          <Curve suite={suite} clock={clock} onGo={onGo} />
          <span class="row-actions">
            <button type="button" onClick={() => setDraft(read.tests)}>
              {t.tests.edit}
            </button>
          </span>
        </>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

interface FormProps {
  tests: readonly TestCase[];
  busy: boolean;
  onChange: (tests: readonly TestCase[]) => void;
  onSave: (tests: readonly TestCase[]) => Promise<void>;
  onCancel: (() => void) | null;
}

function TestsForm({ tests, busy, onChange, onSave, onCancel }: FormProps) {
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
          <legend>{t.tests.nth(index + 1)}</legend>
          <label>
            {t.tests.name}
            <input
              value={test.name}
              maxLength={80}
              onInput={(event) => change(index, { name: event.currentTarget.value })}
            />
          </label>
          <label>
            {t.tests.input}
            <textarea
              class="code"
              rows={2}
              value={test.stdin}
              onInput={(event) => change(index, { stdin: event.currentTarget.value })}
            />
          </label>
          <label>
            {t.tests.expected}
            <textarea
              class="code"
              rows={2}
              value={test.expected}
              onInput={(event) => change(index, { expected: event.currentTarget.value })}
            />
          </label>
          <span class="row-actions">
            <button
              type="button"
              class="quiet"
              onClick={() => onChange(tests.filter((_, at) => at !== index))}
            >
              {t.tests.remove(index + 1)}
            </button>
          </span>
        </fieldset>
      ))}
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy}>
          {t.tests.save}
        </button>
        <button type="button" onClick={() => onChange([...tests, NEW])}>
          {t.tests.add}
        </button>
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            {t.tests.cancel}
          </button>
        )}
      </span>
    </form>
  );
}
