/** What there is to say about a run beside what it printed. It floats over the terminal, so that no line of it moves. */
import { useEffect, useState } from "preact/hooks";
import { Lazy } from "../lazy";
import { useValue } from "../observable";
import { t } from "../words";
import type { Room } from "./room";
import { isActive } from "./runs";

const problemList = async () => (await import("./problems")).Problems;

interface RemarksProps {
  room: Room;
  /** Why the language cannot be run here. */
  blocked: string | null;
  mayRun: boolean;
}

export function Remarks({ room, blocked, mayRun }: RemarksProps) {
  const run = useValue(room.program.run);
  const notice = useValue(room.notice);
  const problems = useValue(room.program.diagnostics);
  const people = useValue(room.people);
  const [dismissed, setDismissed] = useState(false);
  // What is said anew is shown, also to who put away what was said before.
  useEffect(() => setDismissed(false), [notice, blocked, run?.detail, problems]);

  const said = [notice, blocked && t.said(blocked), run?.detail && t.said(run.detail)].filter(
    (each) => !!each,
  );
  if (said.length > 0 || problems.length > 0) {
    if (dismissed) return null;
    return (
      <div class="remarks">
        <div>
          {said.map((each) => (
            <p class="notice" key={each}>
              {each}
            </p>
          ))}
          {problems.length > 0 && <Lazy quiet load={problemList} with={{ room }} />}
        </div>
        <button
          type="button"
          class="quiet"
          title={t.session.dismiss}
          onClick={() => setDismissed(true)}
        >
          <span aria-hidden="true">×</span>
          <span class="for-readers">{t.session.dismiss}</span>
        </button>
      </div>
    );
  }
  if (run === null) return <p class="empty muted">{saidBeforeRun(mayRun, people.length > 1)}</p>;
  const printedNothing = !isActive(run) && run.output.length === 0;
  return printedNothing ? <p class="empty muted">{t.output.nothing}</p> : null;
}

function saidBeforeRun(mayRun: boolean, inCompany: boolean): string {
  if (!mayRun) return t.output.hintWatching;
  return inCompany ? t.output.hint : t.output.hintAlone;
}
