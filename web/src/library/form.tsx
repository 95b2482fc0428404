/** The form that writes a question, or a new version of one; what it does not show stays as it is. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Question, QuestionCreate } from "../api";
import { Frame } from "../accounts/frame";
import { Trouble } from "../field";
import { askBeforeLeaving, go } from "../navigation";
import { questionsApi } from "../questions/api";
import { useSubmit } from "../submit";
import { toast } from "../toast";
import { t } from "../words";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import { Cases, Groups } from "./cases";
import { Check, Compare } from "./compare";
import { contentOf, type Draft, draftOf } from "./draft";
import { About, type FieldsProps, SourceFields, Wordings } from "./fields";
import { FollowUps } from "./follow-ups";
import { Pictures } from "./pictures";
import { ProjectFields } from "./project";
import { placeNamedIn } from "./project-files";
import { SignatureFields } from "./signature";
import { WrongFields } from "./wrong";

interface FormProps {
  question: Question | null;
  /** What says that nobody has changed it since. */
  tag: string;
}

export function QuestionForm({ question, tag }: FormProps) {
  const { form: w, library } = questionWords();
  const [draft, setDraft] = useState<Draft>(() => draftOf(question));
  const changed = useRef(false);
  useEffect(() => askBeforeLeaving(() => changed.current), []);
  const change = (part: Partial<Draft>) => {
    changed.current = true;
    setDraft((have) => ({ ...have, ...part }));
  };
  const back = question ? `/library/${question.question_id}` : "/library";
  const { busy, problem, submit } = useSubmit(async () => {
    const content = contentOf(draft, question);
    if (content === null) throw new Error(w.needsTitle);
    const kept = await keep(content, question, tag);
    changed.current = false;
    toast(w.saved(kept.version));
    go(`/library/${kept.question_id}`);
  });
  const pointed = useMemo(
    () => (problem === null ? null : placeNamedIn(problem, draft.files)),
    [problem],
  );
  return (
    <Frame
      title={question ? w.change(question.title) : w.create}
      back={back}
      backTo={question?.title ?? library.title}
    >
      <form class="question-form" onSubmit={(event) => void submit(event)}>
        <Wordings draft={draft} onChange={change} />
        <Pictures draft={draft} onChange={change} />
        <About draft={draft} onChange={change} />
        {draft.kind === "function" && (
          <SignatureFields
            signature={draft.signature}
            onChange={(signature) => change({ signature })}
          />
        )}
        {draft.kind === "project" && (
          <ProjectFields draft={draft} pointed={pointed} onChange={change} />
        )}
        <CaseFields draft={draft} onChange={change} />
        <SourceFields draft={draft} onChange={change} />
        <WrongFields draft={draft} onChange={change} />
        <ForInterviewers draft={draft} onChange={change} />
        <FollowUps draft={draft} onChange={change} />
        <Check
          label={w.draft}
          checked={draft.draft}
          onChange={(isDraft) => change({ draft: isDraft })}
        />
        {question && <p class="muted">{authoringWords().kept}</p>}
        <Trouble text={problem} />
        <div class="form-actions">
          <button type="submit" class="primary" disabled={busy}>
            {w.save}
          </button>
          <button type="button" onClick={() => go(back)}>
            {t.cancel}
          </button>
        </div>
      </form>
    </Frame>
  );
}

function keep(content: QuestionCreate, question: Question | null, tag: string) {
  return question
    ? questionsApi.update(question.question_id, content, tag)
    : questionsApi.create(content);
}

/** What it is tried on, and how what comes out is compared. */
function CaseFields({ draft, onChange }: FieldsProps) {
  const w = questionWords().form;
  const words = authoringWords().cases;
  const areTests = draft.kind === "project";
  return (
    <>
      {draft.kind === "function" && <p class="muted">{words.ofFunctions}</p>}
      {areTests && <p class="muted">{words.ofProjects}</p>}
      <fieldset name="samples">
        <legend>
          {w.samples} <span class="muted">{w.samplesHint}</span>
        </legend>
        <Cases
          cases={draft.samples}
          areTests={areTests}
          onChange={(samples) => onChange({ samples })}
        />
      </fieldset>
      <fieldset name="secret">
        <legend>
          {w.secret} <span class="muted">{w.secretHint}</span>
        </legend>
        <Groups
          groups={draft.secret}
          areTests={areTests}
          onChange={(secret) => onChange({ secret })}
        />
        <Check
          label={words.secretCount}
          checked={draft.secretCount}
          onChange={(secretCount) => onChange({ secretCount })}
        />
      </fieldset>
      {!areTests && <Compare draft={draft} onChange={onChange} />}
    </>
  );
}

/** What only interviewers read. */
function ForInterviewers({ draft, onChange }: FieldsProps) {
  const w = questionWords().form;
  const words = authoringWords().rubric;
  return (
    <>
      <label>
        <span>
          {w.guide} <span class="muted">{w.guideHint}</span>
        </span>
        <textarea
          name="guide"
          rows={4}
          value={draft.guide}
          onInput={(event) => onChange({ guide: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>
          {words.title} <span class="muted">{words.hint}</span>
        </span>
        <textarea
          name="rubric"
          rows={4}
          value={draft.rubric}
          onInput={(event) => onChange({ rubric: event.currentTarget.value })}
        />
      </label>
    </>
  );
}
