/** The form for a new session: Enter creates it, copies the candidate's link and goes there. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Language, type LanguageInfo, type Session } from "./api";
import { go } from "./navigation";
import { useSubmit } from "./submit";
import { copy } from "./toast";
import { t } from "./words";

export function NewSession({ languages, onCancel }: { languages: LanguageInfo[]; onCancel: () => void }) {
  const [title, setTitle] = useState("");
  const [language, setLanguage] = useState<Language>("python");
  const [code, setCode] = useState("");
  const [candidate, setCandidate] = useState("");
  const [signals, setSignals] = useState<Session["signals"]>("all");
  const [rules, setRules] = useState("");
  const [waiting, setWaiting] = useState(false);
  const [keeps, setKeeps] = useState<Session["candidate_keeps"]>("timeline");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const { busy, problem, submit } = useSubmit(async () => {
    const session = await api.create({
      language,
      ...(title.trim() ? { title: title.trim() } : {}),
      ...(code ? { initial_code: code } : {}),
      ...(candidate.trim() ? { candidate_name: candidate.trim() } : {}),
      signals,
      rules,
      waiting_room: waiting,
      candidate_keeps: keeps,
    });
    await copy(session.share_url ?? "", t.links.candidate);
    go(`/s/${session.session_id}`);
  });

  return (
    <form
      class="new-session"
      aria-label={t.home.newSession}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <label>
        {t.creation.title}
        <input
          ref={first}
          value={title}
          maxLength={200}
          placeholder={t.creation.titleExample}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <label>
        {t.creation.language}
        <select value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
          {languages.map((known) => (
            <option key={known.id} value={known.id}>
              {known.name}
            </option>
          ))}
        </select>
      </label>
      <label class="wide">
        {t.creation.candidate} <span class="muted">{t.creation.optional}</span>
        <input
          value={candidate}
          maxLength={80}
          autocomplete="off"
          onInput={(event) => setCandidate(event.currentTarget.value)}
        />
      </label>
      <label class="wide">
        {t.creation.starter} <span class="muted">{t.creation.starterHint}</span>
        <textarea
          class="code"
          rows={4}
          value={code}
          spellcheck={false}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
      </label>
      <details class="wide">
        <summary>{t.creation.more}</summary>
        <div class="more">
          <Choice
            label={t.creation.keeps}
            value={keeps}
            options={t.creation.keepsChoices}
            onChange={setKeeps}
          />
          <Choice
            label={t.creation.signals}
            value={signals}
            options={t.creation.signalsChoices}
            onChange={setSignals}
          />
          <label>
            {t.creation.rules} <span class="muted">{t.creation.rulesHint}</span>
            <textarea
              rows={2}
              maxLength={500}
              value={rules}
              placeholder={t.creation.rulesExample}
              onInput={(event) => setRules(event.currentTarget.value)}
            />
          </label>
        </div>
      </details>
      <label class="check">
        <input
          type="checkbox"
          checked={waiting}
          onChange={(event) => setWaiting(event.currentTarget.checked)}
        />
        {t.creation.waiting}
      </label>
      {problem && (
        <p class="problem wide" role="alert">
          {problem}
        </p>
      )}
      <div class="form-actions wide">
        <button type="submit" class="primary" disabled={busy}>
          {t.creation.create}
        </button>
        <button type="button" onClick={onCancel}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: Record<T, string>;
  onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {(Object.entries(options) as [T, string][]).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
