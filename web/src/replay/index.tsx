/** Replay with the server behind it, for those who are in the session: with reruns, questions and downloads. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { type ApiError, api, type Session } from "../api";
import { Failed } from "../failed";
import { NotHere } from "../not-here";
import { Fold } from "../fold";
import { Icon } from "../icons";
import { go } from "../navigation";
import { PreferencesMenu } from "../preferences-menu";
import { mayHost } from "../session/roles";
import { locale, t } from "../words";
import { goesOn, type Source, useFeed } from "./feed";
import { Player } from "./player";
import { replayWords } from "../words/replay";

export function Replay({ sessionId }: { sessionId: string }) {
  const [session, setSession] = useState<Session | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  useEffect(() => {
    api.session(sessionId).then((about) => {
      setSession(about);
      document.title = t.titled(replayWords().replay.title(about.title));
    }, setRefused);
  }, [sessionId]);
  const source = useMemo<Source | null>(
    () =>
      session && {
        about: session,
        timeline: (after) => api.timeline(sessionId, after),
        notes: mayHost(session.your_role) ? (after) => api.notes(sessionId, after) : null,
      },
    [session, sessionId],
  );
  const feed = useFeed(source);
  const { recording, loaded } = feed;
  const problem = refused ?? feed.problem;
  if (problem?.status === 404) return <NotHere />;
  if (problem)
    return (
      <Failed title={t.session.cannotOpen}>
        <p>{problem.status === 403 ? replayWords().replay.refused : problem.message}</p>
      </Failed>
    );
  if (session === null || recording === null)
    return <p class="loading muted">{replayWords().replay.loading(loaded)}</p>;
  const isLive = goesOn(session, recording.entries);
  const runAt = async (seq: number, stdin: string) => {
    const run = await api.runAt(sessionId, seq, stdin);
    return {
      ...run,
      participant_id: null,
      started_at: run.created_at,
      queue_position: null,
      output: [
        { seq: 0, stream: "stdout" as const, text: run.stdout },
        { seq: 1, stream: "stderr" as const, text: run.stderr },
      ],
      sizes: [],
    };
  };
  const askFrom = async (seq: number, question: string) => {
    await api.openBranch(sessionId, question, seq);
    go(`/s/${sessionId}`);
  };
  return (
    <Player
      recording={recording}
      online={{
        isLive,
        canTest: mayHost(session.your_role),
        runAt: session.your_role === "observer" ? null : runAt,
        askFrom: isLive && mayHost(session.your_role) ? askFrom : null,
      }}
      bar={<ReplayBar session={session} />}
    />
  );
}

function ReplayBar({ session }: { session: Session }) {
  const w = replayWords().replay;
  const id = session.session_id;
  const file = `/api/sessions/${id}/export`;
  return (
    <>
      <button
        type="button"
        class="quiet"
        aria-label={w.back}
        title={w.back}
        onClick={() => go(`/s/${id}`)}
      >
        <Icon name="back" />
      </button>
      <h1 class="title" title={w.title(session.title)}>
        {w.title(session.title)}
      </h1>
      <span class="spacer" />
      <PreferencesMenu />
      <Fold label={w.more}>
        <a
          class="button"
          href={`${file}?format=report&language=${locale.get()}`}
          target="_blank"
          rel="noopener"
        >
          {w.report}
        </a>
        <a class="button" href={`${file}?language=${locale.get()}`} download>
          {w.download}
        </a>
        <a class="button" href={`${file}?format=html`} download>
          {w.offline}
        </a>
      </Fold>
    </>
  );
}
