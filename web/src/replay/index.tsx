/** Replay with the server behind it: what was recorded is fetched page by page, and goes on while the session does. */
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type Person, type PrivateEntry, type Session, type TimelineEntry } from "../api";
import { Icon } from "../icons";
import { go } from "../navigation";
import { PreferencesMenu } from "../preferences-menu";
import { mayHost } from "../session/roles";
import { locale, t } from "../words";
import { Player } from "./player";
import type { Recording } from "./tape";

const LIVE_MS = 2000;
const PAGE = 1000;
const AT_ONCE = 6; // a long log is not asked for one round trip after the other

export function Replay({ sessionId }: { sessionId: string }) {
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [recording, setRecording] = useState<Recording | null>(null);
  const [loaded, setLoaded] = useState(0);
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (about: Session, entries: TimelineEntry[], notes: PrivateEntry[]): Promise<void> => {
      let grown = entries.length === 0;
      for (let [wide, full] = [1, true]; full; wide = AT_ONCE) {
        const after = entries.at(-1)?.seq ?? 0;
        const pages = await Promise.all(
          Array.from({ length: wide }, (_, place) => api.timeline(sessionId, after + place * PAGE)),
        );
        if (gone) return;
        for (const page of pages) {
          entries.push(...page);
          grown ||= page.length > 0;
          full = page.length === PAGE;
          if (!full) break; // what a later page has came after this one was asked for
        }
        setLoaded(entries.length);
      }
      const fresh = mayHost(about.your_role) ? await api.notes(sessionId, notes.at(-1)?.seq ?? 0) : [];
      if (gone) return;
      notes.push(...fresh);
      if (grown || fresh.length > 0) setRecording(recordingOf(about, [...entries], [...notes]));
      // Nobody is told that somebody looks: there is no socket, only the log.
      if (about.status === "open")
        timer = setTimeout(() => void read(about, entries, notes).catch(setProblem), LIVE_MS);
    };
    api
      .session(sessionId)
      .then((about) => {
        setSession(about);
        document.title = t.titled(t.replay.title(about.title));
        return read(about, [], []);
      })
      .catch(setProblem);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [sessionId]);
  if (problem)
    return (
      <main class="join">
        <h1>{problem.status === 404 ? t.session.notHere : t.session.cannotOpen}</h1>
        <p>{problem.status === 403 ? t.replay.refused : problem.message}</p>
      </main>
    );
  if (session === null || recording === null) return <p class="loading muted">{t.replay.loading(loaded)}</p>;
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
        isLive: session.status === "open",
        canTest: mayHost(session.your_role),
        runAt: session.your_role === "observer" ? null : runAt,
        askFrom: session.status === "open" && mayHost(session.your_role) ? askFrom : null,
      }}
      bar={
        <>
          <button
            type="button"
            class="quiet"
            aria-label={t.replay.back}
            title={t.replay.back}
            onClick={() => go(`/s/${sessionId}`)}
          >
            <Icon name="back" />
          </button>
          <h1 class="title">{t.replay.title(session.title)}</h1>
          <span class="spacer" />
          <PreferencesMenu />
          <a
            class="button"
            href={`/api/sessions/${sessionId}/export?format=report&language=${locale.get()}`}
            target="_blank"
            rel="noopener"
          >
            {t.replay.report}
          </a>
          <a class="button" href={`/api/sessions/${sessionId}/export?language=${locale.get()}`} download>
            {t.replay.download}
          </a>
          <a class="button" href={`/api/sessions/${sessionId}/export?format=html`} download>
            {t.replay.offline}
          </a>
        </>
      }
    />
  );
}

function recordingOf(session: Session, entries: TimelineEntry[], notes: PrivateEntry[]): Recording {
  return {
    sessionId: session.session_id,
    title: session.title,
    language: session.language,
    createdAt: Date.parse(session.created_at),
    people: peopleOf(entries, notes),
    entries,
    notes,
  };
}

/** Who took part, as the log tells it. */
function peopleOf(entries: readonly TimelineEntry[], notes: readonly PrivateEntry[]): Person[] {
  const people = new Map<string, Person>();
  const add = (id: string | null, name: unknown, role: unknown) => {
    if (id !== null && !people.has(id))
      people.set(id, { participant_id: id, name: String(name), role: role as Person["role"] });
  };
  for (const { kind, participant_id, data } of entries)
    if (kind === "join") add(participant_id, data.name, data.role);
  for (const { participant_id, data } of notes) add(participant_id, data.name, "interviewer");
  return [...people.values()];
}
