/** Solutions that must fail, in a question's form: where one passes, its cases are too weak. */
import { useState } from "preact/hooks";
import type { Language } from "../api";
import { Select } from "../select";
import { authoringWords } from "../words/authoring";
import type { Draft, Wrong } from "./draft";
import { type FieldsProps, Program } from "./fields";
import { nameOfLanguage } from "./languages";
import { FileSet } from "./file-set";

export function WrongFields({ draft, onChange }: FieldsProps) {
  const w = authoringWords().wrong;
  const change = (at: number, part: Partial<Wrong>) =>
    onChange({
      wrong: draft.wrong.map((each, index) => (index === at ? { ...each, ...part } : each)),
    });
  const remove = (at: number) =>
    onChange({ wrong: draft.wrong.filter((_, index) => index !== at) });
  const added: Wrong = {
    name: w.nth(draft.wrong.length + 1),
    language: draft.languages[0] ?? "python",
    source: "",
    verdict: "rejected",
    fails: [],
  };
  return (
    <fieldset name="wrong">
      <legend>
        {w.title} <span class="muted">{w.hint}</span>
      </legend>
      {draft.wrong.map((each, index) => (
        <Solution
          key={index}
          draft={draft}
          wrong={each}
          number={index + 1}
          onChange={(part) => change(index, part)}
          onRemove={() => remove(index)}
        />
      ))}
      <div>
        <button type="button" onClick={() => onChange({ wrong: [...draft.wrong, added] })}>
          {w.add}
        </button>
      </div>
    </fieldset>
  );
}

interface SolutionProps {
  draft: Draft;
  wrong: Wrong;
  number: number;
  onChange: (part: Partial<Wrong>) => void;
  onRemove: () => void;
}

function Solution({ draft, wrong, number, onChange, onRemove }: SolutionProps) {
  const w = authoringWords().wrong;
  const languages = Object.fromEntries(
    [...new Set([...draft.languages, wrong.language])].map((each) => [each, nameOfLanguage(each)]),
  ) as Record<Language, string>;
  return (
    <fieldset class="case-group">
      <legend>{w.nth(number)}</legend>
      <div class="inline-form">
        <label>
          {w.name}
          <input
            required
            value={wrong.name}
            maxLength={80}
            onInput={(event) => onChange({ name: event.currentTarget.value })}
          />
        </label>
        <Select
          label={w.language}
          value={wrong.language}
          options={languages}
          onChange={(language) => onChange({ language })}
        />
        <Select
          label={w.verdict}
          value={wrong.verdict}
          options={w.verdicts}
          onChange={(verdict) => onChange({ verdict })}
        />
        <button type="button" onClick={onRemove}>
          {w.remove(number)}
        </button>
      </div>
      {draft.kind === "project" ? (
        <FileSet
          label={authoringWords().project.instead}
          places={{ instead: authoringWords().project.instead }}
          files={{ instead: wrong.files ?? {} }}
          onChange={({ instead = {} }) => onChange({ files: instead })}
        />
      ) : (
        <Program
          label={w.source}
          value={wrong.source}
          onChange={(source) => onChange({ source })}
        />
      )}
      <Fails draft={draft} wrong={wrong} onChange={(fails) => onChange({ fails })} />
    </fieldset>
  );
}

interface FailsProps {
  draft: Draft;
  wrong: Wrong;
  onChange: (fails: string[]) => void;
}

/** Where it must fail: the groups, and whatever else was named before. */
function Fails({ draft, wrong, onChange }: FailsProps) {
  const w = authoringWords().wrong;
  const fails = wrong.fails ?? [];
  const named = draft.secret.map(({ name }) => name).filter((name) => name.trim() !== "");
  const [before] = useState(fails); // what is unticked can be ticked again
  const places = [...new Set([...named, ...before, ...fails])];
  if (places.length === 0) return null;
  return (
    <div class="row-actions" role="group" aria-label={w.fails}>
      <span>
        {w.fails} <span class="muted">{w.failsHint}</span>
      </span>
      {places.map((place) => (
        <label key={place} class="check">
          <input
            type="checkbox"
            checked={fails.includes(place)}
            onChange={(event) => {
              const others = fails.filter((each) => each !== place);
              onChange(event.currentTarget.checked ? [...others, place] : others);
            }}
          />
          {place}
        </label>
      ))}
    </div>
  );
}
