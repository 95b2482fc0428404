/** Home: the owner's sessions as a list, and the way to a new one. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type ApiError, api, type LanguageInfo, type Me, type Session } from "./api";
import { Icon } from "./icons";
import { loadMe } from "./me";
import { go } from "./navigation";
import { NewSession } from "./new-session";
import { copy, toast } from "./toast";

const PAGE = 50;

export function Home({ who }: { who: Me | null }) {
  const [sessions, setSessions] = useState<Session[] | null>(null);
  const [more, setMore] = useState(false);
  const [languages, setLanguages] = useState<LanguageInfo[]>([]);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [creating, setCreating] = useState(false);

  const load = useCallback(async (have: Session[]) => {
    try {
      const page = await api.sessions(have.length, PAGE);
      setSessions([...have, ...page]);
      setMore(page.length === PAGE);
      setProblem(null);
    } catch (error) {
      setProblem(error as ApiError);
    }
  }, []);

  useEffect(() => {
    document.title = "Pizarra";
    void load([]);
    api.languages().then(setLanguages, () => setLanguages([]));
  }, [load]);

  const change = async (action: () => Promise<unknown>, done: string) => {
    try {
      await action();
      toast(done);
      await load([]);
    } catch (error) {
      toast((error as ApiError).message);
    }
  };

  return (
    <div class="home">
      <header class="home-bar">
        <h1>
          <Icon name="board" /> Pizarra
        </h1>
        <span class="spacer" />
        {who?.account && <AccountLinks who={who} />}
        {problem === null && !creating && (
          <button type="button" class="primary" onClick={() => setCreating(true)}>
            <Icon name="plus" /> New session
          </button>
        )}
      </header>
      <main>
        {creating && <NewSession languages={languages} onCancel={() => setCreating(false)} />}
        {problem && <Problem problem={problem} onRetry={() => void load([])} />}
        {problem === null && sessions === null && <p class="muted">Loading sessions</p>}
        {sessions?.length === 0 && !creating && (
          <section class="empty">
            <p>No sessions yet. Create one, send its link, and write together.</p>
            <button type="button" class="primary" onClick={() => setCreating(true)}>
              <Icon name="plus" /> New session
            </button>
          </section>
        )}
        {sessions !== null && sessions.length > 0 && (
          <ul class="sessions" aria-label="Sessions">
            {sessions.map((session) => (
              <Row key={session.session_id} session={session} languages={languages} change={change} />
            ))}
          </ul>
        )}
        {more && (
          <button type="button" onClick={() => void load(sessions ?? [])}>
            Show older sessions
          </button>
        )}
      </main>
    </div>
  );
}

function AccountLinks({ who }: { who: Me }) {
  return (
    <nav class="account" aria-label="Your account">
      {who.account?.role === "admin" && (
        <button type="button" class="quiet" onClick={() => go("/accounts")}>
          Accounts
        </button>
      )}
      <button type="button" class="quiet" onClick={() => go("/me")}>
        {who.account?.display_name}
      </button>
      <button type="button" class="quiet" onClick={() => void api.signOut().then(loadMe)}>
        Sign out
      </button>
    </nav>
  );
}

interface RowProps {
  session: Session;
  languages: LanguageInfo[];
  change: (action: () => Promise<unknown>, done: string) => Promise<void>;
}

function Row({ session, languages, change }: RowProps) {
  const [confirming, setConfirming] = useState(false);
  const id = session.session_id;
  const open = session.status === "open";
  const language = languages.find((known) => known.id === session.language)?.name ?? session.language;
  return (
    <li class="session-row">
      <a
        class="session-link"
        href={`/s/${id}`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.button !== 0) return;
          event.preventDefault();
          go(`/s/${id}`);
        }}
      >
        <span class="session-title">{session.title}</span>
        <span class="session-facts">
          <span class={open ? "state-open" : "state-ended"}>{open ? "open" : "ended"}</span>
          <span>{language}</span>
          {session.active_users > 0 && (
            <span class="here">
              {session.active_users === 1 ? "1 person here" : `${session.active_users} people here`}
            </span>
          )}
          <time dateTime={session.created_at} title={new Date(session.created_at).toLocaleString()}>
            {ago(session.created_at)}
          </time>
        </span>
      </a>
      <span class="session-actions">
        {confirming ? (
          <>
            <span class="muted">Erase it with everything recorded?</span>
            <button
              type="button"
              class="danger"
              onClick={() => void change(() => api.remove(id), "Session erased")}
            >
              Erase
            </button>
            <button type="button" onClick={() => setConfirming(false)}>
              Keep
            </button>
          </>
        ) : (
          <>
            {open && (
              <button type="button" onClick={() => void copy(session.share_url ?? "", "Candidate link")}>
                <Icon name="link" /> Copy link
              </button>
            )}
            {open ? (
              <button type="button" onClick={() => void change(() => api.end(id), "Session ended")}>
                End
              </button>
            ) : (
              <button type="button" onClick={() => void change(() => api.reopen(id), "Session reopened")}>
                Reopen
              </button>
            )}
            <button
              type="button"
              class="quiet"
              aria-label={`Delete ${session.title}`}
              onClick={() => setConfirming(true)}
            >
              <Icon name="trash" />
            </button>
          </>
        )}
      </span>
    </li>
  );
}

function Problem({ problem, onRetry }: { problem: ApiError; onRetry: () => void }) {
  const guest = problem.status === 401 || problem.status === 403;
  return (
    <section class="empty" role="alert">
      <h2>{guest ? "This list is the owner's" : "The sessions cannot be shown"}</h2>
      <p>{problem.message}</p>
      {problem.status === 403 ? (
        <button type="button" onClick={() => void api.leave().then(onRetry, onRetry)}>
          Leave the session joined in this browser
        </button>
      ) : (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </section>
  );
}

function ago(instant: string): string {
  const seconds = (Date.now() - Date.parse(instant)) / 1000;
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (seconds < 60) return "just now";
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), "minute");
  if (seconds < 86_400) return format.format(-Math.round(seconds / 3600), "hour");
  return format.format(-Math.round(seconds / 86_400), "day");
}
