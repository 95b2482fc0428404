/** The side panel: people and what happens for everybody; notes, scores and tests for interviewers. */
import "../styles/panels.css";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../api";
import { Lazy } from "../lazy";
import { Observable, useValue } from "../observable";
import { TabRow } from "../tab-row";
import { Activity } from "./activity";
import { Splitter } from "./layout";
import { Lines } from "./lines";
import { PeoplePanel } from "./people";
import { mayHost } from "./roles";
import type { Room } from "./room";
import type { Follow } from "./follow";
import { useUnseen } from "./unseen";
import { panelWords } from "../words/panels";

const notes = async () => (await import("../interviewer")).NotesPanel;
const guide = async () => (await import("../interviewer")).GuidePanel;
const scores = async () => (await import("../interviewer")).ScoresPanel;
const tests = async () => (await import("../interviewer")).TestsPanel;

const TABS = ["people", "lines", "notes", "guide", "scores", "tests", "activity"] as const;
type Tab = (typeof TABS)[number];
const PRIVATE: readonly Tab[] = ["notes", "guide", "scores", "tests"];

const NONE = new Observable(0);

interface SideProps {
  room: Room;
  follow: Follow;
  session: Session;
}

export function Side({ room, follow, session }: SideProps) {
  const you = useValue(room.you);
  const waiting = useValue(room.waiting);
  const hosting = mayHost(you?.role);
  const hasGuide = !!useValue(room.problem)?.for_interviewers;
  // Before one's role is known, only what is first for everybody: nothing is put in between later.
  const tabs = TABS.filter(
    (each) => each === "people" || (you && (hosting || !PRIVATE.includes(each))),
  ).filter(
    // Nobody is there to read them; without a question there is nothing to look for.
    (each) => !(each === "lines" && session.is_rehearsal) && (each !== "guide" || hasGuide),
  );
  const [chosen, setChosen] = useState<Tab>("people");
  const tab = tabs.includes(chosen) ? chosen : "people";
  // Somebody at the door is worth more than what is read just now, unless that is being written.
  useEffect(() => {
    if (waiting.length > 0 && !document.activeElement?.closest(".side textarea, .side input"))
      setChosen("people");
  }, [waiting.length]);
  const place = useRef<HTMLElement>(null);
  const inView = useInView(place);
  const looking = inView && (tab === "lines" || tab === "notes") ? tab : null;
  const unseen = useUnseen(room, session.session_id);
  useEffect(() => unseen?.look(looking), [unseen, looking]);
  const counts: Partial<Record<Tab, number>> = {
    lines: useValue(unseen?.lines ?? NONE),
    notes: useValue(unseen?.notes ?? NONE),
  };
  return (
    <section class="side" aria-label={panelWords().side.label} tabIndex={-1} ref={place}>
      <Splitter part="side" />
      <TabRow
        label={panelWords().side.label}
        names={tabs}
        open={tab}
        onOpen={setChosen}
        face={(each) => (
          <>
            {panelWords().side[each]}
            {(counts[each] ?? 0) > 0 && <span class="unseen-dot" aria-hidden="true" />}
          </>
        )}
        title={(each) => (counts[each] ? panelWords().side.unseen(counts[each]) : undefined)}
        panel={{ id: "side-panel", prefix: "side-" }}
      />
      <div
        class="side-panel"
        id="side-panel"
        role="tabpanel"
        aria-labelledby={`side-${tab}`}
        tabIndex={0}
      >
        {tab === "people" && <PeoplePanel room={room} follow={follow} session={session} />}
        {tab === "lines" && <Lines room={room} session={session} />}
        {tab === "notes" && <Lazy key="notes" load={notes} with={{ room, session }} />}
        {tab === "guide" && <Lazy key="guide" load={guide} with={{ room, session }} />}
        {tab === "scores" && <Lazy key="scores" load={scores} with={{ room, session }} />}
        {tab === "tests" && <Lazy key="tests" load={tests} with={{ room, session }} />}
        {tab === "activity" && <Activity room={room} session={session} />}
      </div>
    </section>
  );
}

/** Whether a part of the page is on the screen: its window is in front, and on a phone its pane is the one that is shown. */
function useInView(place: { current: HTMLElement | null }): boolean {
  const [shown, setShown] = useState(false);
  const [front, setFront] = useState(!document.hidden);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) =>
      setShown(entries.at(-1)?.isIntersecting ?? false),
    );
    if (place.current) observer.observe(place.current);
    const onChange = () => setFront(!document.hidden);
    document.addEventListener("visibilitychange", onChange);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", onChange);
    };
  }, [place]);
  return shown && front;
}
