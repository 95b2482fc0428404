/** The form that writes a question, or a new version of one; what it does not show stays as it is. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Question } from "../api";
import { Frame } from "../accounts/frame";
import { Trouble } from "../field";
import { askBeforeLeaving, go } from "../navigation";
import { questionsApi } from "../questions/api";
import { useSubmit } from "../submit";
import { toast } from "../toast";
import { t } from "../words";
import { questionWords } from "../words/questions";
import { Cases, Groups } from "./cases";
import { contentOf, type Draft, draftOf } from "./draft";
import { About, SourceFields, Wordings } from "./fields";

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
    const kept = question
      ? await questionsApi.update(question.question_id, content, tag)
      : await questionsApi.create(content);
    changed.current = false;
    toast(w.saved(kept.version));
    go(`/library/${kept.question_id}`);
  });
  return (
    <Frame
      title={question ? w.change(question.title) : w.create}
      back={back}
      backTo={question?.title ?? library.title}
    >
      <form class="question-form" onSubmit={(event) => void submit(event)}>
        <Wordings draft={draft} onChange={change} />
        <About draft={draft} onChange={change} />
        <fieldset>
          <legend>
            {w.samples} <span class="muted">{w.samplesHint}</span>
          </legend>
          <Cases cases={draft.samples} onChange={(samples) => change({ samples })} />
        </fieldset>
        <fieldset>
          <legend>
            {w.secret} <span class="muted">{w.secretHint}</span>
          </legend>
          <Groups groups={draft.secret} onChange={(secret) => change({ secret })} />
        </fieldset>
        <SourceFields draft={draft} onChange={change} />
        <label>
          <span>
            {w.guide} <span class="muted">{w.guideHint}</span>
          </span>
          <textarea
            rows={4}
            value={draft.guide}
            onInput={(event) => change({ guide: event.currentTarget.value })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.draft}
            onChange={(event) => change({ draft: event.currentTarget.checked })}
          />
          {w.draft}
        </label>
        {question && <p class="muted">{w.kept}</p>}
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
