/** Fields of a question's form: how it is said, what it is, and its programs. */
import type { Language } from "../api";
import { Select } from "../select";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import type { Draft, Sources, Wording } from "./draft";
import { ALL_LANGUAGES, nameOfLanguage } from "./languages";

export interface FieldsProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

export function Wordings({ draft, onChange }: FieldsProps) {
  const w = questionWords().form;
  const said = { en: w.english, es: w.spanish };
  const change = (spoken: "en" | "es", part: Partial<Wording>) =>
    onChange({
      wordings: { ...draft.wordings, [spoken]: { ...draft.wordings[spoken], ...part } },
    });
  return (
    <div class="wordings">
      {(["en", "es"] as const).map((spoken) => (
        <fieldset key={spoken} lang={spoken}>
          <legend>
            {said[spoken]} <span class="muted">{w.wordingHint}</span>
          </legend>
          <label>
            {w.name}
            <input
              value={draft.wordings[spoken].title}
              maxLength={200}
              name={spoken === "en" ? "title" : `translations.${spoken}.title`}
              onInput={(event) => change(spoken, { title: event.currentTarget.value })}
            />
          </label>
          <label>
            <span>
              {w.statement} <span class="muted">{w.statementHint}</span>
            </span>
            <textarea
              rows={8}
              name={spoken === "en" ? "statement" : `translations.${spoken}.statement`}
              value={draft.wordings[spoken].statement}
              onInput={(event) => change(spoken, { statement: event.currentTarget.value })}
            />
          </label>
        </fieldset>
      ))}
    </div>
  );
}

export function About({ draft, onChange }: FieldsProps) {
  const { form: w, library, difficulties, kinds } = questionWords();
  const words = authoringWords().about;
  return (
    <div class="inline-form">
      <Select
        name="kind"
        label={library.kind}
        value={draft.kind}
        options={kinds}
        onChange={(kind) => onChange({ kind })}
      />
      <Select
        name="difficulty"
        label={library.difficulty}
        value={draft.difficulty}
        options={difficulties}
        onChange={(difficulty) => onChange({ difficulty })}
      />
      <label>
        {w.minutes}
        <input
          name="minutes"
          type="number"
          min={1}
          max={600}
          required
          value={draft.minutes}
          onInput={(event) => onChange({ minutes: event.currentTarget.valueAsNumber })}
        />
      </label>
      <label>
        <span>
          {w.tags} <span class="muted">{w.tagsHint}</span>
        </span>
        <input
          name="tags"
          value={draft.tags}
          onInput={(event) => onChange({ tags: event.currentTarget.value })}
        />
      </label>
      <label>
        {words.licence}
        <input
          name="licence"
          value={draft.licence}
          maxLength={80}
          onInput={(event) => onChange({ licence: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>
          {words.source} <span class="muted">{words.sourceHint}</span>
        </span>
        <input
          name="source"
          value={draft.source}
          maxLength={500}
          onInput={(event) => onChange({ source: event.currentTarget.value })}
        />
      </label>
    </div>
  );
}

/** Which languages it can be solved in, and in each what one begins with and what is right. */
export function SourceFields({ draft, onChange }: FieldsProps) {
  const w = questionWords().form;
  const all = [...new Set([...ALL_LANGUAGES, ...draft.languages])];
  const choose = (language: Language, chosen: boolean) =>
    onChange({
      languages: all.filter((each) =>
        each === language ? chosen : draft.languages.includes(each),
      ),
    });
  return (
    <fieldset name="languages">
      <legend>{w.languages}</legend>
      <div class="row-actions">
        {all.map((language) => (
          <label key={language} class="check">
            <input
              type="checkbox"
              checked={draft.languages.includes(language)}
              disabled={draft.languages.length === 1 && draft.languages[0] === language}
              onChange={(event) => choose(language, event.currentTarget.checked)}
            />
            {nameOfLanguage(language)}
          </label>
        ))}
      </div>
      {draft.kind !== "project" && <Sources draft={draft} onChange={onChange} />}
    </fieldset>
  );
}

/** In each language, what one begins with and what is right. */
function Sources({ draft, onChange }: FieldsProps) {
  const w = questionWords().form;
  const words = authoringWords().signature;
  return (
    <details>
      <summary>{w.sources}</summary>
      {draft.languages.map((language) => (
        <div key={language} class="source-pair">
          <Program
            label={w.starter(nameOfLanguage(language))}
            hint={draft.kind === "function" ? words.starterHint : w.starterHint}
            value={draft.starters[language]}
            onChange={(text) => onChange({ starters: withSource(draft.starters, language, text) })}
          />
          <Program
            label={w.reference(nameOfLanguage(language))}
            hint={w.referenceHint}
            value={draft.references[language]}
            onChange={(text) =>
              onChange({ references: withSource(draft.references, language, text) })
            }
          />
        </div>
      ))}
    </details>
  );
}

function withSource(sources: Sources, language: Language, text: string): Sources {
  return { ...sources, [language]: text };
}

interface ProgramProps {
  label: string;
  hint?: string;
  value: string | undefined;
  onChange: (text: string) => void;
}

export function Program({ label, hint, value = "", onChange }: ProgramProps) {
  return (
    <label>
      <span>
        {label} {hint && <span class="muted">{hint}</span>}
      </span>
      <textarea
        class="code"
        rows={4}
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
