/** The side panel: people and what happens for everybody; notes, scores and tests for interviewers. */
import { useEffect, useState } from "preact/hooks";
import type { Session } from "../api";
import { Later } from "../later";
import { useValue } from "../observable";
import { t } from "../words";
import { Activity } from "./activity";
import { Splitter } from "./layout";
import { PeoplePanel } from "./people";
import { mayHost } from "./roles";
import type { Room } from "./room";
import type { Together } from "./together";

const notes = async () => (await import("../interviewer")).Notes;
const scores = async () => (await import("../interviewer")).Scores;
const tests = async () => (await import("../interviewer")).TestsPanel;

const TABS = ["people", "notes", "scores", "tests", "activity"] as const;
type Tab = (typeof TABS)[number];
const PRIVATE: readonly Tab[] = ["notes", "scores", "tests"];

interface SideProps {
  room: Room;
  together: Together;
  session: Session;
}

export function Side({ room, together, session }: SideProps) {
  const you = useValue(room.you);
  const waiting = useValue(room.waiting);
  const hosting = mayHost(you?.role);
  // Before one's role is known, only what is first for everybody: nothing is put in between later.
  const tabs = TABS.filter((each) => each === "people" || (you && (hosting || !PRIVATE.includes(each))));
  const [chosen, setChosen] = useState<Tab>("people");
  const tab = tabs.includes(chosen) ? chosen : "people";
  // Somebody at the door is worth more than what is read just now, unless that is being written.
  useEffect(() => {
    if (waiting.length > 0 && !document.activeElement?.closest(".side textarea, .side input"))
      setChosen("people");
  }, [waiting.length]);
  return (
    <section class="side" aria-label={t.side.label} tabIndex={-1}>
      <Splitter part="side" />
      <div class="tabs side-tabs" role="tablist" aria-label={t.side.label}>
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`side-${each}`}
            aria-selected={each === tab}
            aria-controls="side-panel"
            onClick={() => setChosen(each)}
          >
            {t.side[each]}
          </button>
        ))}
      </div>
      <div class="side-panel" id="side-panel" role="tabpanel" aria-labelledby={`side-${tab}`} tabIndex={0}>
        {tab === "people" && <PeoplePanel room={room} together={together} session={session} />}
        {tab === "notes" && <Later load={notes} with={{ room, session }} />}
        {tab === "scores" && <Later load={scores} with={{ room, session }} />}
        {tab === "tests" && <Later load={tests} with={{ room, session }} />}
        {tab === "activity" && <Activity room={room} session={session} />}
      </div>
    </section>
  );
}
