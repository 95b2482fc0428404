/** A session as it is opened: found or not, going on or ended. */
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type LanguageInfo, type Session } from "../api";
import { Failed } from "../failed";
import { recall, remember } from "../remembered";
import { Lazy } from "../lazy";
import { toast } from "../toast";
import { t } from "../words";
import { Desk } from "./desk";
import { Room } from "./room";

export function SessionScreen({ sessionId }: { sessionId: string }) {
  const [session, setSession] = useState<Session | null>(null);
  const [looked, setLooked] = useState<string | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => {
    api.session(sessionId).then(setSession, setProblem);
  }, [sessionId]);
  if (problem) return <Missing problem={problem} sessionId={sessionId} />;
  if (session === null) return <p class="loading muted">{t.session.opening}</p>;
  if (session.status === "ended")
    return <Lazy key="ended" load={ended} with={{ session, looked, onReopened: setSession }} />;
  const onEnded = (session: Session, looked: string | null) => {
    setLooked(looked);
    setSession(session);
  };
  return <Live session={session} onEnded={onEnded} />;
}

function Missing({ problem, sessionId }: { problem: ApiError; sessionId: string }) {
  if (problem.status === 404) {
    const roomId = recall(leftRoom(sessionId));
    const children = roomId && <Lazy quiet load={unsentHere} with={{ roomId }} />;
    return <Lazy load={notHere} with={{ children }} />;
  }
  return (
    <Failed title={t.session.cannotOpen}>
      <p>{problem.message}</p>
      <button type="button" onClick={() => location.reload()}>
        {t.tryAgain}
      </button>
    </Failed>
  );
}

const ended = async () => (await import("./ended")).Ended;
const notHere = async () => (await import("../not-here")).NotHere;
const unsentHere = async () => (await import("./unsent")).UnsentHere;

function leftRoom(sessionId: string): string {
  return `pizarra.room.${sessionId}`;
}

function openRoom(session: Session): Room {
  const room = new Room(session.room_id);
  room.startedAt.set(session.clock_started_at);
  room.language.set(session.language);
  return room;
}

function Live({
  session,
  onEnded,
}: {
  session: Session;
  onEnded: (session: Session, looked: string | null) => void;
}) {
  const [room, setRoom] = useState<Room | null>(null);
  const [languages, setLanguages] = useState<LanguageInfo[]>([]);
  useEffect(() => {
    let opened = openRoom(session);
    const watch = (room: Room) => {
      setRoom(room);
      room.link.subscribe(() => {
        const link = room.link.get();
        // Who is let in no more is not told which room it was.
        if (link.state === "closed") remember(leftRoom(session.session_id), session.room_id);
        if (link.state !== "closed" || !link.outOfStep) return;
        // The server's document is the truth: start again from it; what was written here waits, or is shown.
        if (!link.told) toast(`${link.reason} ${t.session.startedAgain}`);
        room.destroy();
        opened = openRoom(session);
        opened.looked = room.looked;
        watch(opened);
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
  useEffect(() => {
    // It is here before it is wanted: a server that has just gone would not bring it.
    if (languages.length > 0) void ended().catch(() => undefined);
  }, [languages]);
  if (room === null) return null;
  return (
    <Desk key={room.id} room={room} session={session} languages={languages} onEnded={onEnded} />
  );
}
