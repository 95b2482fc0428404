/** Giving a session that goes on another question: nothing of it is lost, and the one before is a click away. */
import { useState } from "preact/hooks";
import type { ApiError, Problem, ProblemPut } from "../api";
import type { Room } from "../session/room";
import { toast } from "../toast";
import { questionWords } from "../words/questions";
import { questionsApi } from "./api";
import { Chooser } from "./chooser";
import { PlanOfSession } from "./plan";

interface GivingProps {
  room: Room;
  sessionId: string;
  problem: Problem | null;
}

/** Give a session something to be about; what it was about before is one click away. */
export async function give(room: Room, sessionId: string, what: ProblemPut): Promise<boolean> {
  const w = questionWords().giving;
  const before = room.problem.get();
  room.posing = true;
  try {
    const given = await questionsApi.giveProblem(sessionId, what);
    if ((before?.folder ?? "") === given.folder) room.posing = false; // no other file opens
    room.problem.set(given);
    const back = before && before.folder !== given.folder ? before : null;
    toast(
      w.given(given.title),
      back && {
        label: w.back(back.title),
        run: () => void give(room, sessionId, { seq: back.seq }),
      },
    );
    return true;
  } catch (error) {
    room.posing = false;
    toast((error as ApiError).message);
    return false;
  }
}

export function Giving({ room, sessionId, problem }: GivingProps) {
  const [open, setOpen] = useState(problem === null);
  const [busy, setBusy] = useState(false);
  const w = questionWords().giving;
  const choose = async (what: ProblemPut) => {
    setBusy(true);
    if (await give(room, sessionId, what)) setOpen(false);
    setBusy(false);
  };
  const onGive = (question_id: string) => void choose({ question_id });
  const plan = <PlanOfSession sessionId={sessionId} busy={busy} onGive={onGive} />;
  if (!open)
    return (
      <>
        {plan}
        <p>
          <button type="button" disabled={busy} onClick={() => setOpen(true)}>
            {w.change}
          </button>
        </p>
      </>
    );
  const before = problem?.for_interviewers?.given.filter(({ seq }) => seq !== problem.seq) ?? [];
  return (
    <div class="giving" aria-busy={busy}>
      {plan}
      <Chooser
        focused={problem !== null}
        onChoose={({ question_id }) => void choose({ question_id })}
        onLeave={() => setOpen(problem === null)}
      />
      <p class="muted">{w.why}</p>
      {before.length > 0 && (
        <ul class="given" aria-label={w.before}>
          {before.map(({ seq, title }) => (
            <li key={seq}>
              <button type="button" disabled={busy} onClick={() => void choose({ seq })}>
                {w.back(title)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
