/** The session: editor, output, people. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type LanguageInfo, type Session } from "../api";
import { Icon } from "../icons";
import { Later } from "../later";
import { go } from "../navigation";
import { Help } from "../help";
import { useValue } from "../observable";
import { PreferencesMenu } from "../preferences-menu";
import { copy, toast } from "../toast";
import { t } from "../words";
import { BranchBanner } from "./branches";
import { Ended } from "./ended";
import { Files } from "./files";
import { Output } from "./output";
import { LanguageChoice } from "./language-choice";
import { useLayout } from "./layout";
import { walkPanes } from "./panes";
import { markCopies } from "./pastes";
import { PeopleLine } from "./people-line";
import { reportAbsence, reportConnection } from "./reporting";
import { Room } from "./room";
import { mayHost, mayTakePart } from "./roles";
import { StatusChip } from "./status";
import { ThinkingBanner, useThinking, Veil } from "./thinking";
import { Together } from "./together";

export function SessionScreen({ sessionId }: { sessionId: string }) {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => {
    api.session(sessionId).then(setSession, setProblem);
  }, [sessionId]);
  if (problem) return <Missing problem={problem} />;
  if (session === null) return <p class="loading muted">{t.session.opening}</p>;
  if (session.status === "ended") return <Ended session={session} onReopened={setSession} />;
  return <Live session={session} onEnded={setSession} />;
}

function Missing({ problem }: { problem: ApiError }) {
  return (
    <main class="join">
      <h1>{problem.status === 404 ? t.session.notHere : t.session.cannotOpen}</h1>
      <p>{problem.status === 404 ? t.session.notHereWhy : problem.message}</p>
      <button type="button" onClick={() => location.reload()}>
        {t.tryAgain}
      </button>
      {problem.status === 404 && (
        <button type="button" onClick={() => go("/")}>
          {t.session.signIn}
        </button>
      )}
    </main>
  );
}

const side = async () => (await import("./side")).Side;

const PANES = ["editor", "output", "people"] as const;
type Pane = (typeof PANES)[number];

function openRoom(session: Session): Room {
  const room = new Room(session.room_id);
  room.language.set(session.language);
  return room;
}

function Live({ session, onEnded }: { session: Session; onEnded: (session: Session) => void }) {
  const [room, setRoom] = useState<Room | null>(null);
  const [languages, setLanguages] = useState<LanguageInfo[]>([]);
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => {
    let opened = openRoom(session);
    const watch = (room: Room) => {
      setRoom(room);
      room.link.subscribe(() => {
        const link = room.link.get();
        if (link.state !== "closed" || !link.outOfStep) return;
        // The server's document is the truth: start again from it, and lose nothing that was written here.
        setRefused({ reason: link.reason, text: room.everything() });
        void room.abandonUnsaved().then(() => {
          if (room !== opened) return;
          room.destroy();
          opened = openRoom(session);
          watch(opened);
        });
      });
    };
    watch(opened);
    return () => opened.destroy();
  }, [session.room_id]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const load = () =>
      api.languages().then(
        (found) => {
          setLanguages(found);
          // The runner may still be starting: ask again until it knows.
          if (found.some((language) => language.starting)) timer = setTimeout(load, 2000);
        },
        () => {
          timer = setTimeout(load, 3000);
        },
      );
    void load();
    return () => clearTimeout(timer);
  }, []);
  if (room === null) return null;
  return (
    <Desk key={room.id} room={room} session={session} languages={languages} onEnded={onEnded}>
      {refused && <RefusedBanner refused={refused} onDismiss={() => setRefused(null)} />}
    </Desk>
  );
}

/** Why this browser had to start again, and what it had. */
interface Refused {
  reason: string;
  text: string;
}

function RefusedBanner({ refused, onDismiss }: { refused: Refused; onDismiss: () => void }) {
  return (
    <p class="banner" role="alert">
      {refused.reason} {t.session.startedAgain}{" "}
      <button type="button" onClick={() => void copy(refused.text, t.links.text)}>
        {t.session.copyMyText}
      </button>{" "}
      <button type="button" class="quiet" onClick={onDismiss}>
        {t.session.dismiss}
      </button>
    </p>
  );
}

interface DeskProps {
  children: ComponentChildren;
  room: Room;
  session: Session;
  languages: LanguageInfo[];
  onEnded: (session: Session) => void;
}

function Desk({ children, room, session, languages, onEnded }: DeskProps) {
  const [pane, setPane] = useState<Pane>("editor");
  const link = useValue(room.link);
  const you = useValue(room.you);
  const title = useValue(room.title) || session.title;
  const run = useValue(room.run);
  // What the session said of us holds until the room says it: nothing moves when it does.
  const role = you?.role ?? session.your_role;
  const hosting = mayHost(role);
  const waiting = useValue(room.waiting);
  const candidate = role === "candidate";
  const editingLocked = useValue(room.editingLocked) && candidate;
  const runningLocked = useValue(room.runningLocked) && candidate;
  const takesPart = mayTakePart(role);
  const mayWrite = you !== null && takesPart && !editingLocked;
  const mayRun = takesPart && !runningLocked;
  const thinking = useThinking(room);
  const branch = useValue(room.branch);
  const layout = useLayout();
  const together = useTogether(room);

  useEffect(() => {
    document.title = t.titled(title);
  }, [title]);
  useEffect(() => {
    if (link.state === "ended") onEnded({ ...session, status: "ended" });
  }, [link.state, onEnded, session]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const mod = event.metaKey || event.ctrlKey;
      if (mod && event.key === "Enter" && !event.defaultPrevented) {
        event.preventDefault();
        room.startRun();
      } else if (mod && event.key === "." && !event.defaultPrevented) {
        event.preventDefault();
        room.stopRun();
      } else if (event.key === "F6") {
        event.preventDefault();
        walkPanes(event.shiftKey ? -1 : 1);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [room]);
  const runId = run?.run_id;
  const lastRun = useRef<string | null | undefined>(null); // null: not told yet what ran before we came
  useEffect(() => {
    if (you === null) return;
    // On a phone, what one's own run prints is what one wants to see next.
    const mine = room.run.get()?.participant_id === you.participant_id;
    if (mine && lastRun.current !== null && lastRun.current !== runId) setPane("output");
    lastRun.current = runId;
  }, [runId, you, room]);

  const end = async () => {
    try {
      onEnded(await api.end(session.session_id));
    } catch (error) {
      toast((error as ApiError).message);
    }
  };

  return (
    <main class="session" data-pane={pane} style={layout}>
      <header class="bar">
        {hosting && (
          <button type="button" class="quiet" aria-label={t.session.allSessions} onClick={() => go("/")}>
            <Icon name="board" />
          </button>
        )}
        <h1 class="title">{title}</h1>
        <LanguageChoice room={room} session={session} languages={languages} enabled={hosting} />
        <StatusChip room={room} />
        <span class="spacer" />
        {together && <PeopleLine room={room} together={together} />}
        {hosting && waiting.length > 0 && (
          <button type="button" class="primary" onClick={() => setPane("people")}>
            {t.session.waitingCount(waiting.length)}
          </button>
        )}
        <PreferencesMenu />
        <Help />
        {hosting && (
          <button
            type="button"
            aria-label={t.session.copyLink}
            title={t.session.copyLink}
            onClick={() => void copyShareLink(session)}
          >
            <Icon name="link" /> <span class="long">{t.session.copyLink}</span>
          </button>
        )}
        {hosting && (
          <button type="button" class="end" onClick={() => void end()}>
            {t.session.end}
          </button>
        )}
      </header>
      <section class="banners" aria-label={t.session.notices}>
        {children}
        {link.state === "closed" && !link.outOfStep && (
          <p class="banner" role="alert">
            {link.reason} {t.session.copyThenReload}{" "}
            <button type="button" onClick={() => location.reload()}>
              {t.session.reload}
            </button>
          </p>
        )}
        {(editingLocked || runningLocked) && (
          <p class="banner" role="status">
            {lockedText(editingLocked, runningLocked)}
          </p>
        )}
        {branch && <BranchBanner branch={branch} session={session} hosting={hosting} />}
        {session.is_rehearsal && <RehearsalBanner sessionId={session.session_id} />}
        {thinking > 0 && candidate && <ThinkingBanner room={room} left={thinking} />}
      </section>
      {thinking > 0 && !candidate && you !== null ? (
        <Veil room={room} left={thinking} />
      ) : (
        together && (
          <Files
            room={room}
            together={together}
            sessionId={session.session_id}
            readOnly={!mayWrite}
            languages={languages}
          />
        )
      )}
      <Output room={room} languages={languages} mayRun={mayRun} />
      {together && <Later load={side} with={{ room, together, session }} />}
      <nav class="panes" aria-label={t.session.panes}>
        {PANES.map((name) => (
          <button key={name} type="button" aria-pressed={pane === name} onClick={() => setPane(name)}>
            {name === "editor" ? t.session.code : name === "output" ? t.session.terminal : t.session.side}
          </button>
        ))}
        {mayRun && (
          <button
            type="button"
            class="primary"
            aria-label={t.session.runProgram}
            onClick={() => room.startRun()}
          >
            <Icon name="run" /> {t.session.run}
          </button>
        )}
      </nav>
    </main>
  );
}

function RehearsalBanner({ sessionId }: { sessionId: string }) {
  const token = localStorage.getItem(`pizarra.rehearsal.${sessionId}`);
  return (
    <p class="banner">
      {t.session.rehearsal}{" "}
      {token && (
        <button type="button" onClick={() => go(`/j/${token}`)}>
          {t.session.rehearsalDone}
        </button>
      )}
    </p>
  );
}

/** What goes along with a room: looking together, and what this page reports of itself. */
function useTogether(room: Room): Together | null {
  const [together, setTogether] = useState<Together | null>(null);
  useEffect(() => {
    const made = new Together(room);
    setTogether(made);
    const stops = [
      reportConnection(room),
      reportAbsence(room),
      markCopies(room),
      room.gathered.subscribe(() => {
        const who = room.gathered.get()?.participantId ?? null;
        if (who !== null && who !== room.you.get()?.participant_id)
          toast(t.people.gathered(room.nameOf(who)));
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      made.destroy();
    };
  }, [room]);
  return together;
}

function lockedText(editing: boolean, running: boolean): string {
  if (editing && running) return t.session.lockedBoth;
  return editing ? t.session.lockedEditing : t.session.lockedRunning;
}

/** The link may have been replaced elsewhere since this screen was opened. */
async function copyShareLink(session: Session): Promise<void> {
  try {
    const now = await api.session(session.session_id);
    await copy(now.share_url ?? "", t.links.candidate);
  } catch (error) {
    toast((error as ApiError).message);
  }
}
