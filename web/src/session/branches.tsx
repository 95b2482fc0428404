/** Follow-up questions: everybody sees which one they are at; hosts ask them, and bring everybody back. */
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type BranchInfo, type Session } from "../api";
import { useValue } from "../observable";
import { toast } from "../toast";
import { t } from "../words";
import { panelWords } from "../words/panels";
import type { Room } from "./room";

const MAIN = 0;

const complain = (error: ApiError) => toast(error.message);

/** What a host has: ask from now on, and go to any question asked before. */
export function BranchControl({ room, session }: { room: Room; session: Session }) {
  const here = useValue(room.branch);
  const [question, setQuestion] = useState("");
  const [known, setKnown] = useState<BranchInfo[]>([]);
  const id = session.session_id;
  useEffect(() => {
    api.branches(id).then(setKnown, complain);
  }, [id, here]);
  const ask = (event: Event) => {
    event.preventDefault();
    if (!question.trim()) return;
    api.openBranch(id, question.trim(), null).then(() => setQuestion(""), complain);
  };
  const others = known.filter((branch) => branch.branch_id !== (here?.branch_id ?? MAIN));
  return (
    <>
      <form class="branch-form" onSubmit={ask}>
        <input
          maxLength={200}
          value={question}
          aria-label={t.branches.question}
          placeholder={t.branches.placeholder}
          onInput={(event) => setQuestion(event.currentTarget.value)}
        />
        <button type="submit" disabled={!question.trim()}>
          {t.branches.ask}
        </button>
      </form>
      <p class="muted">{panelWords().branches.why}</p>
      {known.length > 1 && (
        <ul class="branches" aria-label={t.branches.label}>
          {others.map((branch) => (
            <li key={branch.branch_id}>
              <span>{branch.name || t.branches.main}</span>
              <button
                type="button"
                aria-label={t.branches.goTo(branch.name || t.branches.main)}
                onClick={() => void api.resumeBranch(id, branch.branch_id).catch(complain)}
              >
                {t.branches.go}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
