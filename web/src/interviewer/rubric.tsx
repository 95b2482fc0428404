/** The criteria of a session, to be changed on the page. */
import { useState } from "preact/hooks";
import { api, type Session } from "../api";
import { useSubmit } from "../submit";
import { criterionName, criterionOf, wrapUpWords } from "../words/wrap-up";

const MOST = 20;

interface RubricProps {
  sessionId: string;
  rubric: readonly string[];
  onSaved: (session: Session) => void;
}

export function RubricEditor({ sessionId, rubric, onSaved }: RubricProps) {
  const w = wrapUpWords().rubric;
  const [draft, setDraft] = useState<readonly string[] | null>(null);
  const { busy, problem, submit } = useSubmit(async () => {
    const wanted = (draft ?? []).map(criterionOf).filter(Boolean);
    onSaved(await api.update(sessionId, { rubric: wanted }));
    setDraft(null);
  });
  if (draft === null)
    return (
      <span class="row-actions">
        <button type="button" class="quiet" onClick={() => setDraft(rubric.map(criterionName))}>
          {w.edit}
        </button>
      </span>
    );
  return (
    <form class="rubric" onSubmit={(event) => void submit(event)}>
      {draft.map((name, index) => (
        <span key={index} class="rubric-row">
          <input
            value={name}
            maxLength={80}
            aria-label={w.nth(index + 1)}
            onInput={(event) => {
              const text = event.currentTarget.value;
              setDraft(draft.map((each, at) => (at === index ? text : each)));
            }}
          />
          <button
            type="button"
            class="quiet"
            aria-label={w.remove(index + 1)}
            onClick={() => setDraft(draft.filter((_, at) => at !== index))}
          >
            ×
          </button>
        </span>
      ))}
      <p class="muted">{w.hint}</p>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy}>
          {w.save}
        </button>
        <button
          type="button"
          disabled={draft.length >= MOST}
          onClick={() => setDraft([...draft, ""])}
        >
          {w.add}
        </button>
        <button type="button" class="quiet" onClick={() => setDraft(null)}>
          {w.cancel}
        </button>
      </span>
    </form>
  );
}
