/** What is told above the terminal for as long as it is so: a follow-up question, a rehearsal. */
import { type ApiError, api, type Session, type ShownBranch } from "../api";
import { recall } from "../remembered";
import { go } from "../navigation";
import { toast } from "../toast";
import { t } from "../words";
import { problemWords } from "../words/problem";

const MAIN = 0;

/** What everybody is told while the session is at a follow-up question. */
export function BranchBanner({
  branch,
  session,
  hosting,
}: {
  branch: ShownBranch;
  session: Session;
  hosting: boolean;
}) {
  return (
    <p class="banner" role="status">
      {t.branches.at(branch.name)}{" "}
      {hosting && (
        <button
          type="button"
          onClick={() =>
            void api
              .resumeBranch(session.session_id, MAIN)
              .catch((error: ApiError) => toast(error.message))
          }
        >
          {t.branches.back}
        </button>
      )}
    </p>
  );
}

/** That this is a room to try things out in, and the way out. */
export function RehearsalBanner({ sessionId }: { sessionId: string }) {
  const token = recall(`pizarra.rehearsal.${sessionId}`);
  const question = recall(`pizarra.tried.${sessionId}`);
  if (question !== null)
    return (
      <p class="banner">
        {problemWords().trying.banner}{" "}
        <button type="button" onClick={() => go(`/library/${question}`)}>
          {problemWords().trying.back}
        </button>
      </p>
    );
  return (
    <p class="banner">
      {t.session.rehearsal}{" "}
      {token && (
        <button type="button" onClick={() => go(`/j/${token}`, "instead")}>
          {t.session.rehearsalDone}
        </button>
      )}
    </p>
  );
}
