/** A question from a pasted signature, or from an exercise: it is shown what it would be before anything is kept. */
import "../styles/panels.css";
import "../styles/problem.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Frame } from "../accounts/frame";
import { Trouble } from "../field";
import { askBeforeLeaving, go } from "../navigation";
import { Samples } from "../problem/samples";
import { questionsApi } from "../questions/api";
import { authoringApi, type Proposal } from "../questions/authoring-api";
import { useSubmit } from "../submit";
import { toast } from "../toast";
import { t } from "../words";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import type { Group, Signature } from "./draft";
import { CaseGroup } from "./private";

export function Paste() {
  const w = authoringWords().paste;
  const [text, setText] = useState("");
  const [statement, setStatement] = useState("");
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const changed = useRef(false);
  useEffect(() => askBeforeLeaving(() => changed.current), []);
  const change = (action: () => void) => {
    changed.current = true;
    setProposal(null); // it is of another text
    action();
  };
  const reading = useSubmit(async () => {
    setProposal(null);
    setProposal(await authoringApi.propose(text, statement));
  });
  const made = () => {
    changed.current = false;
  };
  return (
    <Frame title={w.title} back="/library" backTo={questionWords().library.title}>
      <form class="question-form" onSubmit={(event) => void reading.submit(event)}>
        <label>
          <span>
            {w.text} <span class="muted">{w.textHint}</span>
          </span>
          <textarea
            class="code"
            rows={8}
            required
            spellcheck={false}
            placeholder={w.example()}
            value={text}
            onInput={(event) => change(() => setText(event.currentTarget.value))}
          />
        </label>
        <FromFile onText={(found) => change(() => setText(found))} />
        <label>
          <span>
            {w.statement} <span class="muted">{questionWords().form.statementHint}</span>
          </span>
          <textarea
            rows={4}
            value={statement}
            onInput={(event) => change(() => setStatement(event.currentTarget.value))}
          />
        </label>
        <Trouble text={reading.problem} />
        <div class="form-actions">
          <button type="submit" class={proposal ? "" : "primary"} disabled={reading.busy}>
            {w.read}
          </button>
        </div>
      </form>
      {proposal && <Proposed proposal={proposal} onMade={made} />}
    </Frame>
  );
}

function FromFile({ onText }: { onText: (text: string) => void }) {
  const w = authoringWords().paste;
  return (
    <label>
      {w.file}
      <input
        type="file"
        accept=".json,.txt,application/json,text/plain"
        onChange={({ currentTarget }) => {
          void currentTarget.files?.[0]?.text().then(onText);
        }}
      />
    </label>
  );
}

interface ProposedProps {
  proposal: Proposal;
  /** Nothing would be lost any more. */
  onMade: () => void;
}

/** What it would be, for somebody to look at and to say yes. */
function Proposed({ proposal: { question, remarks }, onMade }: ProposedProps) {
  const w = authoringWords().paste;
  const place = useRef<HTMLElement>(null);
  useEffect(() => place.current?.focus(), []);
  const { busy, problem, submit } = useSubmit(async () => {
    const made = await questionsApi.create({ ...question, draft: true });
    onMade();
    toast(w.made);
    go(`/library/${made.question_id}/edit`);
  });
  const secret = (question.secret ?? []) as Group[];
  const count = secret.reduce((sum, group) => sum + group.cases.length, 0);
  return (
    <section class="proposed" aria-labelledby="proposed-title" tabIndex={-1} ref={place}>
      <h2 id="proposed-title">{question.title}</h2>
      {question.signature && <pre class="source">{written(question.signature as Signature)}</pre>}
      <Remarks remarks={remarks} />
      <Samples samples={question.samples ?? []} trial={null} />
      {count > 0 && (
        <details>
          <summary>{w.secret(count)}</summary>
          {secret.map((group) => (
            <CaseGroup key={group.name} group={group} />
          ))}
        </details>
      )}
      <Trouble text={problem} />
      <form class="form-actions" onSubmit={(event) => void submit(event)}>
        <button type="submit" class="primary" disabled={busy}>
          {w.make}
        </button>
        <span class="muted">{w.makeWhy}</span>
      </form>
    </section>
  );
}

/** A signature as it would be pasted. */
function written({ function: name, parameters, returns }: Signature): string {
  return `${name}(${parameters.map((each) => `${each.type} ${each.name}`).join(", ")}) → ${returns}`;
}

/** What there is to say about what was read, one by one. */
export function Remarks({ remarks }: { remarks: readonly string[] }) {
  if (remarks.length === 0) return null;
  return (
    <ul class="plain-list">
      {remarks.map((each) => (
        <li key={each}>{t.said(each)}</li>
      ))}
    </ul>
  );
}
