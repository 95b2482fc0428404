/** What the compiler says, as a list: the same as under the code, for those who do not look there. */
import { useValue } from "../observable";
import { t } from "../words";
import type { Room } from "./room";

const SHOWN = 4;

export function Problems({ room }: { room: Room }) {
  const problems = useValue(room.program.diagnostics);
  if (problems.length === 0) return null;
  return (
    <ul class="problems" aria-label={t.output.problems}>
      {problems.slice(0, SHOWN).map((problem) => (
        <li key={`${problem.path}:${problem.line}:${problem.column}:${problem.message}`}>
          <button
            type="button"
            class={`quiet ${problem.severity}`}
            onClick={() => room.reveal.set(problem)}
          >
            <span class="place">
              {problem.path}:{problem.line}:{problem.column}
            </span>{" "}
            {problem.message}
          </button>
        </li>
      ))}
      {problems.length > SHOWN && (
        <li class="muted">{t.output.moreProblems(problems.length - SHOWN)}</li>
      )}
    </ul>
  );
}
