/** What is written of one test: what that is depends on who judges it, the tests themselves or the question. */
import type { Problem, TestCase } from "../api";
import { CodeField } from "../field";
import { replayWords } from "../words/replay";
import { Comparing } from "./comparing";

/** How the question that the tests are of is answered; null: they are of none. */
export type Form = Problem["kind"] | null;

interface TestFieldsProps {
  test: TestCase;
  form: Form;
  onChange: (part: Partial<TestCase>) => void;
}

export function TestFields({ test, form, onChange }: TestFieldsProps) {
  const w = replayWords().tests;
  const judged = test.by_question ? form : null; // else it is a program that is run, whatever the question is
  return (
    <>
      <label>
        {w.name}
        <input
          value={test.name}
          maxLength={80}
          onInput={(event) => onChange({ name: event.currentTarget.value })}
        />
      </label>
      <CodeField
        label={judged === "project" ? w.reportedAs : judged === "function" ? w.given : w.input}
        value={test.stdin}
        onChange={(stdin) => onChange({ stdin })}
      />
      {judged !== "project" && (
        <CodeField
          label={judged === "function" ? w.comesTo : w.expected}
          value={test.expected}
          onChange={(expected) => onChange({ expected })}
        />
      )}
      {(judged === null || judged === "stdio") && <Comparing test={test} onChange={onChange} />}
    </>
  );
}
