/** How outputs are compared, in a question's form. */
import { Select } from "../select";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import { type FieldsProps, Program } from "./fields";

export function Compare({ draft, onChange }: FieldsProps) {
  const w = questionWords().form;
  const words = authoringWords().compare;
  const isTokens = draft.compare === "tokens";
  return (
    <fieldset name="comparator">
      <legend>{words.title}</legend>
      <div class="inline-form">
        <Select
          label={w.compare}
          value={draft.compare}
          options={w.ways}
          onChange={(compare) => onChange({ compare })}
        />
        {(isTokens || (draft.kind === "function" && draft.compare !== "checker")) && (
          <>
            <Tolerance
              label={w.tolerance}
              most={1e9}
              value={draft.tolerance}
              onChange={(tolerance) => onChange({ tolerance })}
            />
            <Tolerance
              label={words.relative}
              most={1}
              value={draft.relative}
              onChange={(relative) => onChange({ relative })}
            />
          </>
        )}
        <label>
          <span>
            {words.timeLimit} <span class="muted">{words.timeLimitHint}</span>
          </span>
          <input
            type="number"
            min={0.001}
            max={600}
            step="any"
            value={draft.timeLimit}
            onInput={(event) => onChange({ timeLimit: event.currentTarget.value })}
          />
        </label>
      </div>
      {isTokens && (
        <div class="row-actions">
          <Check
            label={words.caseSensitive}
            checked={draft.caseSensitive}
            onChange={(caseSensitive) => onChange({ caseSensitive })}
          />
          <Check
            label={words.spaceSensitive}
            checked={draft.spaceSensitive}
            onChange={(spaceSensitive) => onChange({ spaceSensitive })}
          />
        </div>
      )}
      {draft.compare === "checker" && <CheckerFields draft={draft} onChange={onChange} />}
    </fieldset>
  );
}

function CheckerFields({ draft, onChange }: FieldsProps) {
  const words = authoringWords().compare;
  const { checker } = draft;
  return (
    <>
      <div class="inline-form">
        <Select
          label={words.checkerLanguage}
          value={checker.language}
          options={{ python: "Python", cpp: "C++" }}
          onChange={(language) => onChange({ checker: { ...checker, language } })}
        />
      </div>
      <Program
        label={words.checker}
        hint={words.checkerHint}
        value={checker.source}
        onChange={(source) => onChange({ checker: { ...checker, source } })}
      />
    </>
  );
}

interface ToleranceProps {
  label: string;
  most: number;
  value: string;
  onChange: (value: string) => void;
}

function Tolerance({ label, most, value, onChange }: ToleranceProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        min={0}
        max={most}
        step="any"
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
