/** The form for a new session: Enter creates it, copies the candidate's link and goes there. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  api,
  type Language,
  type LanguageInfo,
  type Plan,
  type UsableQuestion,
  type Session,
} from "./api";
import { told } from "./told";
import { go } from "./navigation";
import { QuestionChoice } from "./questions/choice";
import type { Beginning } from "./questions/wanted";
import { Select } from "./select";
import { useSubmit } from "./submit";
import { copyLink } from "./toast";
import { t } from "./words";
import { questionWords } from "./words/questions";
import { screenWords } from "./words/screens";

/** What the form holds. */
interface Draft {
  question: UsableQuestion | null;
  plan: Plan | null;
  title: string;
  language: Language;
  code: string;
  candidate: string;
  startsAt: string;
  signals: Session["signals"];
  rules: string;
  waiting: boolean;
  keeps: Session["candidate_keeps"];
}

const BLANK: Draft = {
  question: null,
  plan: null,
  title: "",
  language: "python",
  code: "",
  candidate: "",
  startsAt: "",
  signals: "all",
  rules: "",
  waiting: false,
  keeps: "timeline",
};

interface NewSessionProps {
  /** What it is about, where somebody comes from the library. */
  beginning: Beginning | null;
  languages: LanguageInfo[];
  onCancel: () => void;
}

export function NewSession({ beginning, languages, onCancel }: NewSessionProps) {
  const [draft, setDraft] = useState(() => draftAbout(beginning));
  const change = (part: Partial<Draft>) => setDraft((have) => ({ ...have, ...part }));
  const { busy, problem, submit } = useSubmit(async () => {
    const session = await create(draft);
    await copyLink(session.share_url ?? "", t.links.candidate);
    go(`/s/${session.session_id}`);
  });
  return (
    <form
      class="new-session"
      aria-label={screenWords().home.newSession}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <About draft={draft} languages={languages} onChange={change} />
      <QuestionChoice
        chosen={draft.plan ?? draft.question}
        onChoose={(beginning) => change(about(beginning, draft.language))}
      />
      <label class="wide">
        <span>
          {screenWords().creation.starter}{" "}
          <span class="muted">
            {draft.question
              ? questionWords().choosing.starterOf
              : screenWords().creation.starterHint}
          </span>
        </span>
        <textarea
          class="code"
          name="initial_code"
          rows={4}
          value={draft.code}
          spellcheck={false}
          onInput={(event) => change({ code: event.currentTarget.value })}
        />
      </label>
      <Privacy draft={draft} onChange={change} />
      <label class="check">
        <input
          type="checkbox"
          checked={draft.waiting}
          onChange={(event) => change({ waiting: event.currentTarget.checked })}
        />
        {screenWords().creation.waiting}
      </label>
      {problem && (
        <p class="problem wide" role="alert">
          {problem}
        </p>
      )}
      <div class="form-actions wide">
        <button type="submit" class="primary" disabled={busy}>
          {screenWords().creation.create}
        </button>
        <button type="button" onClick={onCancel}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}

async function create(draft: Draft): Promise<Session> {
  const { question, plan, language, code, startsAt, signals, rules, waiting, keeps } = draft;
  const [title, candidate] = [draft.title.trim(), draft.candidate.trim()];
  return api.create({
    language,
    ...(plan ? { plan_id: plan.plan_id } : question ? { question_id: question.question_id } : {}),
    ...(title ? { title } : {}),
    ...(code ? { initial_code: code } : {}),
    ...(candidate ? { candidate_name: candidate } : {}),
    ...(startsAt ? { starts_at: new Date(startsAt).toISOString() } : {}),
    signals,
    rules,
    waiting_room: waiting,
    candidate_keeps: keeps,
  });
}

function draftAbout(beginning: Beginning | null): Draft {
  return { ...BLANK, ...about(beginning, BLANK.language) };
}

function about(beginning: Beginning | null, now: Language): Partial<Draft> {
  if (beginning === null) return { question: null, plan: null };
  if ("question" in beginning) {
    const { question } = beginning;
    return { question, plan: null, ...languageFor(question, now) };
  }
  const { plan } = beginning;
  const [first = null] = plan.questions;
  // One that all of them can be solved in, where there is one.
  const common = first?.languages.filter((each) =>
    plan.questions.every(({ languages }) => languages.includes(each)),
  );
  const languages = common?.length ? common : first?.languages;
  const question = first && languages ? { ...first, languages } : null;
  return { question, plan, ...languageFor(question, now) };
}

/** The language stays where the question can be solved in it. */
function languageFor(question: UsableQuestion | null, now: Language): Partial<Draft> {
  const [first] = question?.languages ?? [];
  return first === undefined || question?.languages.includes(now) ? {} : { language: first };
}

interface PartProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

/** What it is called, in which language, with whom and when. */
function About({ draft, languages, onChange }: PartProps & { languages: LanguageInfo[] }) {
  const first = useRef<HTMLInputElement>(null);
  // At once: a moment later somebody may be in another field already.
  useLayoutEffect(() => first.current?.focus(), []);
  const w = screenWords().creation;
  const chosen = languages.find((known) => known.id === draft.language);
  return (
    <>
      <label>
        {w.title}
        <input
          name="title"
          ref={first}
          value={draft.title}
          maxLength={200}
          placeholder={
            draft.question
              ? questionWords().choosing.titleOf((draft.plan ?? draft.question).title)
              : w.titleExample
          }
          onInput={(event) => onChange({ title: event.currentTarget.value })}
        />
      </label>
      <label>
        {w.language}
        <select
          name="language"
          value={draft.language}
          onChange={(event) => onChange({ language: event.currentTarget.value as Language })}
        >
          {languages
            .filter(
              ({ id }) => !draft.question || draft.question.languages.includes(id as Language),
            )
            .map((known) => (
              <option key={known.id} value={known.id}>
                {known.name}
              </option>
            ))}
        </select>
        <span class="muted">{chosen && told(chosen)}</span>
      </label>
      <label>
        <span>
          {w.candidate} <span class="muted">{w.optional}</span>
        </span>
        <input
          name="candidate_name"
          value={draft.candidate}
          maxLength={80}
          autocomplete="off"
          onInput={(event) => onChange({ candidate: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>
          {w.startsAt} <span class="muted">{w.optional}</span>
        </span>
        <input
          type="datetime-local"
          name="starts_at"
          value={draft.startsAt}
          onInput={(event) => onChange({ startsAt: event.currentTarget.value })}
        />
      </label>
    </>
  );
}

/** What the candidate keeps, what is recorded of them, and what they may use. */
function Privacy({ draft, onChange }: PartProps) {
  const w = screenWords().creation;
  return (
    <details class="wide">
      <summary>{w.more}</summary>
      <div class="more">
        <Select
          name="candidate_keeps"
          label={w.keeps}
          value={draft.keeps}
          options={w.keepsChoices}
          onChange={(keeps) => onChange({ keeps })}
        />
        <Select
          name="signals"
          label={w.signals}
          value={draft.signals}
          options={w.signalsChoices}
          onChange={(signals) => onChange({ signals })}
        />
        <label>
          <span>
            {w.rules} <span class="muted">{w.rulesHint}</span>
          </span>
          <textarea
            name="rules"
            rows={2}
            maxLength={500}
            value={draft.rules}
            placeholder={w.rulesExample}
            onInput={(event) => onChange({ rules: event.currentTarget.value })}
          />
        </label>
      </div>
    </details>
  );
}
