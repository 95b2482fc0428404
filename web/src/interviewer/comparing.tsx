/** How a test's output is compared with what was expected. */
import type { TestCase } from "../api";
import { replayWords } from "../words/replay";

const BY_QUESTION = "question";
const WAYS = ["text", "tokens", "numbers"] as const;

interface ComparingProps {
  test: TestCase;
  onChange: (part: Partial<TestCase>) => void;
}

export function Comparing({ test, onChange }: ComparingProps) {
  return (
    <span class="row-actions">
      <label>
        {replayWords().tests.compare}
        <select
          value={test.by_question ? BY_QUESTION : test.compare}
          onChange={(event) =>
            onChange({
              compare: event.currentTarget.value as TestCase["compare"],
              by_question: false,
            })
          }
        >
          {test.by_question && <option value={BY_QUESTION}>{replayWords().tests.asAsked}</option>}
          {WAYS.map((way) => (
            <option key={way} value={way}>
              {replayWords().tests.ways[way]}
            </option>
          ))}
        </select>
      </label>
      {test.compare === "numbers" && !test.by_question && (
        <label>
          {replayWords().tests.tolerance}
          <input
            type="number"
            min={0}
            max={1}
            step="any"
            required
            value={test.tolerance}
            onChange={(event) => onChange({ tolerance: event.currentTarget.valueAsNumber })}
          />
        </label>
      )}
    </span>
  );
}
