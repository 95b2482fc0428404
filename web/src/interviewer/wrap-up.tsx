/** Wrapping an interview up: decision, scores, notes, report, and a link for those who were not there; in one place. */
import "../styles/panels.css";
import "../styles/home.css";
import "../styles/wrap-up.css";
import { useEffect, useState } from "preact/hooks";
import { type ApiError, api, type Session } from "../api";
import { Failed } from "../failed";
import { NotHere } from "../not-here";
import { Icon } from "../icons";
import { go } from "../navigation";
import { PreferencesMenu } from "../preferences-menu";
import { mayHost } from "../session/roles";
import { toast } from "../toast";
import { locale, t } from "../words";
import { wrapUpWords } from "../words/wrap-up";
import { DecisionPanel } from "./decision";
import { useEvery } from "./every";
import { Notes } from "./notes";
import { ReplayLinks } from "./replay-links";
import { Scores } from "./scores";
import { replayWords } from "../words/replay";
import { panelWords } from "../words/panels";

const LOOK_MS = 5000;

export function WrapUp({ sessionId }: { sessionId: string }) {
  const w = wrapUpWords();
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const turn = useEvery(LOOK_MS);
  // The panels look again once the session was there: what is refused is said once, not by each of them in turn.
  const [looked, setLooked] = useState(turn);
  useEffect(() => {
    const seen = (found: Session) => {
      setSession(found);
      setProblem(null);
      setLooked(turn);
    };
    api.session(sessionId).then(seen, setProblem);
  }, [sessionId, turn]);
  const title = session?.title;
  const language = locale.get();
  useEffect(() => {
    if (title !== undefined) document.title = t.titled(wrapUpWords().title(title));
  }, [title, language]);
  if (session === null && problem?.status === 404) return <NotHere />;
  if (session === null)
    return problem ? (
      <Failed title={t.session.cannotOpen}>
        <p>{problem.message}</p>
      </Failed>
    ) : (
      <p class="loading muted">{t.loading}</p>
    );
  if (!mayHost(session.your_role))
    return (
      <main class="join">
        <h1>{session.title}</h1>
        <p>{w.refused}</p>
        <button type="button" onClick={() => go(`/s/${sessionId}`)}>
          {w.back}
        </button>
      </main>
    );
  return (
    <div class="wrap-up">
      <TopBar session={session} />
      <main>
        {problem?.status === 404 && <SignedOut />}
        <State session={session} onChanged={setSession} />
        <div class="wrap-up-parts">
          <div>
            <DecisionPanel sessionId={sessionId} turn={looked} />
            <section aria-labelledby="wrap-up-scores">
              <h2 id="wrap-up-scores">{panelWords().side.scores}</h2>
              <Scores session={session} turn={looked} />
            </section>
          </div>
          <div>
            <section aria-labelledby="wrap-up-notes">
              <h2 id="wrap-up-notes">{w.notes}</h2>
              <Notes session={session} turn={looked} />
            </section>
            <ReplayLinks sessionId={sessionId} />
          </div>
        </div>
      </main>
    </div>
  );
}

interface PartProps {
  session: Session;
  onChanged: (session: Session) => void;
}

function TopBar({ session }: { session: Session }) {
  const id = session.session_id;
  return (
    <header class="wrap-up-bar">
      <button
        type="button"
        class="quiet"
        aria-label={t.session.allSessions}
        onClick={() => go("/")}
      >
        <Icon name="board" />
      </button>
      <h1>
        {wrapUpWords().title(session.title)}
        {session.candidate_name && <span class="session-for">{session.candidate_name}</span>}
      </h1>
      <span class="spacer" />
      <PreferencesMenu />
      <a
        class="button"
        href={`/api/sessions/${id}/export?format=report&language=${locale.get()}`}
        target="_blank"
        rel="noopener"
      >
        {replayWords().replay.report}
      </a>
      <button type="button" onClick={() => go(`/s/${id}/replay`)}>
        {t.openReplay}
      </button>
    </header>
  );
}

/** Whether people are still in it, and the way on. */
function State({ session, onChanged }: PartProps) {
  const w = wrapUpWords();
  const id = session.session_id;
  const change = async (action: () => Promise<Session>) => {
    try {
      onChanged(await action());
    } catch (error) {
      toast((error as ApiError).message);
    }
  };
  if (session.status === "open")
    return (
      <p class="wrap-up-state">
        <span>{w.open}</span>
        <span class="row-actions">
          <button type="button" class="primary" onClick={() => void change(() => api.end(id))}>
            {w.end}
          </button>
          <button type="button" onClick={() => go(`/s/${id}`)}>
            {w.back}
          </button>
        </span>
      </p>
    );
  return (
    <p class="wrap-up-state" role="status">
      <span>{w.ended}</span>
      <span class="row-actions">
        <button type="button" onClick={() => go(`/s/${id}`)}>
          {w.code}
        </button>
        <button type="button" onClick={() => void change(() => api.reopen(id))}>
          {t.session.reopen}
        </button>
      </span>
    </p>
  );
}

/** The session is not here any more, most often for somebody who signed out elsewhere: what they wrote stays. */
function SignedOut() {
  return (
    <p class="problem" role="alert">
      {wrapUpWords().signedOut}{" "}
      <a href="/" target="_blank">
        {t.session.signIn}
      </a>
    </p>
  );
}
