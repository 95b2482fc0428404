/** The decision: one's own, and those of the others once one has submitted it. */
import { useEffect, useState } from "preact/hooks";
import { api, type Decision, type Decisions, type Verdict } from "../api";
import { useSubmit } from "../submit";
import { ago } from "../words";
import { wrapUpWords } from "../words/wrap-up";

const VERDICTS: readonly Verdict[] = ["strong_no", "no", "yes", "strong_yes"];
const LONGEST = 10_000;

export function DecisionPanel({ sessionId, turn }: { sessionId: string; turn: number }) {
  const w = wrapUpWords().decision;
  const [read, setRead] = useState<Decisions | null>(null);
  const load = () => api.decisions(sessionId).then(setRead, () => undefined); // asked again soon
  useEffect(() => void load(), [sessionId, turn]);
  if (read === null) return null;
  const own = read.decisions.find(({ yours }) => yours);
  const others = read.decisions.filter(({ yours }) => !yours);
  return (
    <section class="decision" aria-labelledby="decision">
      <h2 id="decision">{w.label}</h2>
      <DecisionForm key={own?.decided_at} sessionId={sessionId} own={own} onDecided={load} />
      <h3>{w.others}</h3>
      {!read.readable && <p class="muted">{w.blind}</p>}
      {read.readable && others.length === 0 && <p class="muted">{w.none}</p>}
      {others.map((each) => (
        <p key={each.participant_id} class="card">
          <strong>{each.name}</strong>{" "}
          <span class={`verdict-${each.verdict}`}>{w.verdicts[each.verdict]}</span>{" "}
          <span class="muted">{each.text}</span>
        </p>
      ))}
      {read.waiting_for.length > 0 && (
        <p class="muted">{w.waitingFor(read.waiting_for.join(", "))}</p>
      )}
    </section>
  );
}

interface FormProps {
  sessionId: string;
  own: Decision | undefined;
  onDecided: () => Promise<unknown>;
}

function DecisionForm({ sessionId, own, onDecided }: FormProps) {
  const w = wrapUpWords().decision;
  const [verdict, setVerdict] = useState<Verdict | null>(own?.verdict ?? null);
  const [text, setText] = useState(own?.text ?? "");
  const { busy, problem, submit } = useSubmit(async () => {
    if (verdict === null) return;
    await api.decide(sessionId, verdict, text.trim());
    await onDecided();
  });
  const changed = verdict !== (own?.verdict ?? null) || text.trim() !== (own?.text ?? "");
  return (
    <form onSubmit={(event) => void submit(event)}>
      <div class="verdicts" role="radiogroup" aria-label={w.label}>
        {VERDICTS.map((each) => (
          <label key={each} class={`verdict verdict-${each}`}>
            <input
              type="radio"
              name="verdict"
              checked={verdict === each}
              onChange={() => setVerdict(each)}
            />
            {w.verdicts[each]}
          </label>
        ))}
      </div>
      <label>
        {w.why}
        <textarea
          rows={3}
          maxLength={LONGEST}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy || verdict === null || !changed}>
          {own ? w.change : w.submit}
        </button>
        <span class="muted" role="status">
          {own && !changed ? w.given(ago(own.decided_at)) : ""}
        </span>
      </span>
    </form>
  );
}
