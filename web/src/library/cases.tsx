/** Cases in a question's form: those that everybody sees, and the secret ones in their groups. */
import { useState } from "preact/hooks";
import { CodeField } from "../field";
import { authoringWords } from "../words/authoring";
import { questionWords } from "../words/questions";
import { type Case, type Group, NEW_CASE } from "./draft";

interface CasesProps {
  cases: readonly Case[];
  /** Of a project each names a test, and nothing is expected but that it passes. */
  areTests: boolean;
  onChange: (cases: Case[]) => void;
}

export function Cases({ cases, areTests, onChange }: CasesProps) {
  const { form: w, preview } = questionWords();
  const change = (at: number, part: Partial<Case>) =>
    onChange(cases.map((each, index) => (index === at ? { ...each, ...part } : each)));
  return (
    <>
      {cases.map((each, index) => (
        <div key={index} class="case-fields" role="group" aria-label={preview.nth(index + 1)}>
          <label>
            {w.caseName}
            <input
              value={each.name}
              maxLength={80}
              onInput={(event) => change(index, { name: event.currentTarget.value })}
            />
          </label>
          <CodeField
            label={areTests ? authoringWords().cases.test : w.input}
            value={each.input}
            onChange={(input) => change(index, { input })}
          />
          {!areTests && (
            <CodeField
              label={w.expected}
              value={each.expected}
              onChange={(expected) => change(index, { expected })}
            />
          )}
          <button
            type="button"
            class="quiet"
            aria-label={w.removeCase(index + 1)}
            title={w.removeCase(index + 1)}
            onClick={() => onChange(cases.filter((_, at) => at !== index))}
          >
            ×
          </button>
          <Besides given={each} onChange={(part) => change(index, part)} />
        </div>
      ))}
      <div>
        <button type="button" onClick={() => onChange([...cases, NEW_CASE])}>
          {w.addCase}
        </button>
      </div>
    </>
  );
}

interface BesidesProps {
  given: Case;
  onChange: (part: Partial<Case>) => void;
}

/** What is said about a case: it is seldom, and stands open where there is something. */
function Besides({ given, onChange }: BesidesProps) {
  const w = authoringWords().cases;
  const [open] = useState(given.hint !== "" || given.description !== "");
  return (
    <details class="case-besides" open={open}>
      <summary>{w.more}</summary>
      <label>
        <span>
          {w.hint} <span class="muted">{w.hintWhy}</span>
        </span>
        <input
          value={given.hint}
          maxLength={2000}
          onInput={(event) => onChange({ hint: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>
          {w.description} <span class="muted">{w.descriptionWhy}</span>
        </span>
        <input
          value={given.description}
          maxLength={2000}
          onInput={(event) => onChange({ description: event.currentTarget.value })}
        />
      </label>
    </details>
  );
}

interface GroupsProps {
  groups: readonly Group[];
  areTests: boolean;
  onChange: (groups: Group[]) => void;
}

export function Groups({ groups, areTests, onChange }: GroupsProps) {
  const w = questionWords().form;
  const change = (at: number, part: Partial<Group>) =>
    onChange(groups.map((each, index) => (index === at ? { ...each, ...part } : each)));
  const added: Group = { name: w.group(groups.length + 1), weight: 1, cases: [NEW_CASE] };
  return (
    <>
      {groups.map((group, index) => (
        <fieldset key={index} class="case-group">
          <legend>{w.group(index + 1)}</legend>
          <div class="inline-form">
            <label>
              {w.groupName}
              <input
                required
                value={group.name}
                maxLength={80}
                onInput={(event) => change(index, { name: event.currentTarget.value })}
              />
            </label>
            <label>
              {w.weight}
              <input
                type="number"
                min={0}
                max={1000}
                step="any"
                required
                value={group.weight}
                onInput={(event) => change(index, { weight: event.currentTarget.valueAsNumber })}
              />
            </label>
            <button type="button" onClick={() => onChange(groups.filter((_, at) => at !== index))}>
              {w.removeGroup(index + 1)}
            </button>
          </div>
          <Cases
            cases={group.cases}
            areTests={areTests}
            onChange={(cases) => change(index, { cases })}
          />
        </fieldset>
      ))}
      <div>
        <button type="button" onClick={() => onChange([...groups, added])}>
          {w.addGroup}
        </button>
      </div>
    </>
  );
}
