/** What can be asked next, in a question's form: each with its own starters and cases. */
import { authoringWords } from "../words/authoring";
import { Cases } from "./cases";
import type { Draft, FollowUp } from "./draft";
import { type FieldsProps, Program } from "./fields";
import { nameOfLanguage } from "./languages";

const NEW: FollowUp = { title: "", text: "", starters: {}, cases: [] };

export function FollowUps({ draft, onChange }: FieldsProps) {
  const w = authoringWords().followUps;
  const { followUps } = draft;
  const change = (at: number, part: Partial<FollowUp>) =>
    onChange({
      followUps: followUps.map((each, index) => (index === at ? { ...each, ...part } : each)),
    });
  const remove = (at: number) =>
    onChange({ followUps: followUps.filter((_, index) => index !== at) });
  return (
    <fieldset name="follow_ups">
      <legend>
        {w.title} <span class="muted">{w.hint}</span>
      </legend>
      {followUps.map((each, index) => (
        <Asked
          key={index}
          draft={draft}
          followUp={each}
          number={index + 1}
          onChange={(part) => change(index, part)}
          onRemove={() => remove(index)}
        />
      ))}
      <div>
        <button type="button" onClick={() => onChange({ followUps: [...followUps, NEW] })}>
          {w.add}
        </button>
      </div>
    </fieldset>
  );
}

interface AskedProps {
  draft: Draft;
  followUp: FollowUp;
  number: number;
  onChange: (part: Partial<FollowUp>) => void;
  onRemove: () => void;
}

function Asked({ draft, followUp, number, onChange, onRemove }: AskedProps) {
  const w = authoringWords().followUps;
  const starters: Record<string, string> = followUp.starters ?? {};
  // Also those of a language that the question has no more: they stay.
  const languages = [...new Set([...draft.languages, ...Object.keys(starters)])];
  return (
    <fieldset class="case-group">
      <legend>{w.nth(number)}</legend>
      <div class="inline-form">
        <label>
          {w.name}
          <input
            required
            value={followUp.title}
            maxLength={200}
            onInput={(event) => onChange({ title: event.currentTarget.value })}
          />
        </label>
        <button type="button" onClick={onRemove}>
          {w.remove(number)}
        </button>
      </div>
      <label>
        {w.text}
        <textarea
          rows={4}
          value={followUp.text}
          onInput={(event) => onChange({ text: event.currentTarget.value })}
        />
      </label>
      {draft.kind !== "project" && (
        <>
          <details>
            <summary>{w.starters}</summary>
            <div class="source-pair">
              {languages.map((language) => (
                <Program
                  key={language}
                  label={w.starter(nameOfLanguage(language))}
                  hint={w.starterHint}
                  value={starters[language]}
                  onChange={(text) => onChange({ starters: { ...starters, [language]: text } })}
                />
              ))}
            </div>
          </details>
          <Cases
            cases={followUp.cases ?? []}
            areTests={false}
            onChange={(cases) => onChange({ cases })}
          />
        </>
      )}
    </fieldset>
  );
}
