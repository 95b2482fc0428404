/** Cases that people make up, below the samples: tried with them, and never among them. */
import { useState } from "preact/hooks";
import type { Problem } from "../api";
import { problemWords } from "../words/problem";
import { isSameCase, MOST, type OwnCase } from "./own";
import { Case, type Use } from "./samples";
import type { OwnTried } from "./trial";

interface OwnCasesProps {
  cases: readonly OwnCase[];
  tried: readonly OwnTried[];
  /** Whether the program is another one by now than what they were tried on. */
  isOld?: boolean;
  signature: Problem["signature"];
  /** null: whoever looks may run nothing. */
  onChange: ((cases: readonly OwnCase[]) => void) | null;
  use: Use | null;
  /** A case to begin a new one with. */
  draft: OwnCase | null;
  onDraft: (draft: OwnCase | null) => void;
}

export function OwnCases(props: OwnCasesProps) {
  const { cases, tried, signature, onChange, draft, onDraft } = props;
  const words = problemWords().own;
  const others = tried.filter((each) => !cases.some((own) => isSameCase(own, each)));
  if (onChange === null && others.length === 0) return null;
  return (
    <section class="samples own-cases" aria-labelledby="own-title">
      <header class="samples-bar">
        <h3 id="own-title">{onChange ? words.title : words.theirs}</h3>
        {onChange && draft === null && cases.length < MOST && (
          <button
            type="button"
            class="quiet"
            onClick={() => onDraft({ input: "", expected: null })}
          >
            {words.add}
          </button>
        )}
      </header>
      {onChange && cases.length === 0 && draft === null && <p class="muted">{words.empty}</p>}
      {(cases.length > 0 || others.length > 0) && <Table {...props} others={others} />}
      {onChange && draft !== null && (
        <CaseForm
          key={`${draft.input} ${draft.expected}`}
          signature={signature}
          begin={draft}
          onCancel={() => onDraft(null)}
          onKeep={(kept) => {
            onChange([...cases, kept].slice(0, MOST));
            onDraft(null);
          }}
        />
      )}
    </section>
  );
}

/** One's own, to be changed; then those of whoever tried the program last. */
function Table({
  cases,
  tried,
  isOld = false,
  signature,
  onChange,
  use,
  others,
}: OwnCasesProps & { others: readonly OwnTried[] }) {
  const [editing, setEditing] = useState<number | null>(null);
  const words = problemWords().own;
  const change = (now: readonly OwnCase[]) => {
    onChange?.(now);
    setEditing(null);
  };
  const put = (index: number, kept: OwnCase) =>
    change(cases.map((each, at) => (at === index ? kept : each)));
  return (
    <table class="cases" data-old={isOld} aria-labelledby="own-title">
      {cases.map((own, index) =>
        editing === index ? (
          <tbody key={index}>
            <tr>
              <td colSpan={3}>
                <CaseForm
                  signature={signature}
                  begin={own}
                  onCancel={() => setEditing(null)}
                  onKeep={(kept) => put(index, kept)}
                />
              </td>
            </tr>
          </tbody>
        ) : (
          <Case
            key={index}
            name={words.nth(index + 1)}
            sample={own}
            tried={tried.find((each) => isSameCase(own, each)) ?? null}
            use={use}
          >
            {onChange && (
              <Actions
                number={index + 1}
                onEdit={() => setEditing(index)}
                onRemove={() => change(cases.filter((_, at) => at !== index))}
              />
            )}
          </Case>
        ),
      )}
      {others.map((each, index) => (
        <Case
          key={`other ${index}`}
          name={words.othersNth(index + 1)}
          sample={each}
          tried={each}
          use={use}
        />
      ))}
    </table>
  );
}

interface ActionsProps {
  number: number;
  onEdit: () => void;
  onRemove: () => void;
}

function Actions({ number, onEdit, onRemove }: ActionsProps) {
  const words = problemWords().own;
  return (
    <>
      <button type="button" class="quiet" aria-label={words.editNth(number)} onClick={onEdit}>
        {words.edit}
      </button>
      <button type="button" class="quiet" aria-label={words.removeNth(number)} onClick={onRemove}>
        {words.remove}
      </button>
    </>
  );
}

interface CaseFormProps {
  begin: OwnCase;
  signature: Problem["signature"];
  onKeep: (kept: OwnCase) => void;
  onCancel: () => void;
}

function CaseForm({ begin, signature, onKeep, onCancel }: CaseFormProps) {
  const [input, setInput] = useState(begin.input);
  const [expected, setExpected] = useState(begin.expected ?? "");
  const words = problemWords().own;
  const names = signature?.parameters.map(({ name }) => name).join(", ");
  const rows = Math.min(Math.max(signature?.parameters.length ?? 3, input.split("\n").length), 8);
  return (
    <form
      class="own-form"
      onSubmit={(event) => {
        event.preventDefault();
        onKeep({ input, expected: expected.trim() === "" ? null : expected });
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <label>
        {names === undefined ? problemWords().samples.input : words.lines(names)}
        <textarea
          class="code"
          rows={rows}
          spellcheck={false}
          value={input}
          ref={(field) => {
            if (field && !field.dataset.seen) field.focus();
            if (field) field.dataset.seen = "yes";
          }}
          onInput={(event) => setInput(event.currentTarget.value)}
        />
      </label>
      <label>
        {words.expected}
        <textarea
          class="code"
          rows={1}
          spellcheck={false}
          value={expected}
          onInput={(event) => setExpected(event.currentTarget.value)}
        />
      </label>
      <span class="row-actions">
        <button type="submit">{words.keep}</button>
        <button type="button" class="quiet" onClick={onCancel}>
          {words.cancel}
        </button>
      </span>
    </form>
  );
}
