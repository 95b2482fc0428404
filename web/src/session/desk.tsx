/** The session's screen while it goes on: the bar, the code, what it prints, the panel beside it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { LanguageInfo, Session } from "../api";
import { isMod, keyOf } from "../keys";
import { Lazy } from "../lazy";
import { useValue } from "../observable";
import { fetched } from "../parts";
import { toast } from "../toast";
import { t } from "../words";
import { Banners } from "./banners";
import { Bar } from "./bar";
import { Files } from "./files";
import { Follow } from "./follow";
import { useLayout } from "./layout";
import { Output } from "./output";
import { type Pane, PaneBar } from "./pane-bar";
import { walkPanes } from "./panes";
import { markCopies } from "./pastes";
import { mayHost, mayTakePart } from "./roles";
import type { Room } from "./room";
import { useThinking } from "./think-time";

const side = async () => (await import("./side")).Side;
const problem = async () => (await import("../problem")).ProblemPanel;
const veil = async () => (await import("./thinking")).Veil;

interface DeskProps {
  room: Room;
  session: Session;
  languages: LanguageInfo[];
  onEnded: (session: Session, looked: string | null) => void;
}

export function Desk({ room, session, languages, onEnded }: DeskProps) {
  const [chosen, setPane] = useState<Pane | null>(null);
  const pane = chosen ?? "editor";
  room.languages = languages;
  const you = useValue(room.you);
  // What the session said of us holds until the room says it: nothing moves when it does.
  const role = you?.role ?? session.your_role;
  const hosting = mayHost(role);
  const candidate = role === "candidate";
  const runningLocked = useValue(room.runningLocked) && candidate;
  const mayWrite = useValue(room.mayWrite);
  const mayRun = mayTakePart(role) && !runningLocked;
  const startedAt = useValue(room.startedAt);
  const thinking = useThinking(room);
  const layout = useLayout();
  const follow = useFollow(room);
  useTitle(room, session);
  useEnd(room, session, onEnded);
  useKeys(room);
  // On a phone, what one's own run prints is what one wants to see next.
  useOwnRun(room, () => setPane("output"));
  return (
    <main class="session" data-pane={pane} style={layout}>
      <Bar
        room={room}
        follow={follow}
        session={session}
        languages={languages}
        hosting={hosting}
        onWaiting={() => setPane("people")}
      />
      <Lazy key="problem" quiet load={problem} with={{ room, session, onPane: setPane }} />
      {thinking > 0 && !candidate && you !== null ? (
        <Lazy key="veil" quiet load={veil} with={{ room, left: thinking }} />
      ) : (
        follow && (
          <Files
            room={room}
            follow={follow}
            sessionId={session.session_id}
            readOnly={!mayWrite}
            languages={languages}
          />
        )
      )}
      <Banners room={room} session={session} role={role} thinking={thinking} />
      <Output room={room} languages={languages} mayRun={mayRun} />
      {follow && (
        <Lazy
          key="side"
          load={side}
          with={{ room, follow, session: { ...session, clock_started_at: startedAt } }}
        />
      )}
      <PaneBar room={room} languages={languages} mayRun={mayRun} pane={pane} onPane={setPane} />
    </main>
  );
}

function useTitle(room: Room, session: Session): void {
  const title = useValue(room.title) || session.title;
  const count = useValue(room.unseen);
  useEffect(() => {
    document.title = (count > 0 ? `(${count}) ` : "") + t.titled(title);
  }, [title, count]);
}

function useEnd(room: Room, session: Session, onEnded: DeskProps["onEnded"]): void {
  const { state } = useValue(room.link);
  useEffect(() => {
    if (state !== "ended") return;
    // As it is now: the title and the language may not be those it was opened with.
    const title = room.title.get() || session.title;
    const language = room.language.get();
    onEnded({ ...session, title, language, status: "ended" }, room.looked);
  }, [state, onEnded, session]);
}

/** The keys that work wherever the keyboard is. */
function useKeys(room: Room): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const mod = isMod(event);
      if (mod && event.key === "Enter" && !event.shiftKey && !event.defaultPrevented) {
        event.preventDefault();
        room.startRun();
      } else if (mod && keyOf(event) === "." && !event.defaultPrevented) {
        event.preventDefault();
        room.program.stop();
      } else if (mod && /^[so]$/.test(keyOf(event))) {
        event.preventDefault(); // a habit: what is written is saved already, and no dialog of the browser helps
      } else if (event.key === "F6") {
        event.preventDefault();
        walkPanes(event.shiftKey ? -1 : 1);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [room]);
}

/** Tell when this person has started a run. */
function useOwnRun(room: Room, onStarted: () => void): void {
  const you = useValue(room.you);
  const run = useValue(room.program.run);
  const runId = run?.run_id;
  const lastRun = useRef<string | null | undefined>(null); // null: not told yet what ran before we came
  useEffect(() => {
    if (you === null) return;
    const mine = room.program.run.get()?.participant_id === you.participant_id;
    if (mine && lastRun.current !== null && lastRun.current !== runId) onStarted();
    lastRun.current = runId;
  }, [runId, you, room]);
}

/** What goes along with a room: looking together, and what this page reports of itself. */
function useFollow(room: Room): Follow | null {
  const [follow, setFollow] = useState<Follow | null>(null);
  useEffect(() => {
    const made = new Follow(room);
    setFollow(made);
    let gone = false;
    void fetched(() => import("./reporting")).then(
      ({ reportAbsence, reportConnection, reportPastes }) => {
        if (!gone) stops.push(reportConnection(room), reportAbsence(room), reportPastes(room));
      },
    );
    const stops = [
      markCopies(room),
      room.gathered.subscribe(() => {
        const who = room.gathered.get()?.participantId ?? null;
        if (who !== null && who !== room.you.get()?.participant_id)
          toast(t.people.gathered(room.nameOf(who)));
      }),
    ];
    return () => {
      gone = true;
      for (const stop of stops) stop();
      made.destroy();
    };
  }, [room]);
  return follow;
}
