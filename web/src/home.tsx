/** Home: the sessions as a list, found again by title, candidate or state, and the way to a new one. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type LanguageInfo, type ListedSession, type Me } from "./api";
import { Icon } from "./icons";
import { loadMe } from "./me";
import { go } from "./navigation";
import { NewSession } from "./new-session";
import { PreferencesMenu } from "./preferences-menu";
import { Sparkline } from "./sparkline";
import { copy, toast } from "./toast";
import { ago, t, when } from "./words";

const PAGE = 50;
const TYPING_MS = 250;
const STATES = ["all", "open", "ended"] as const;
type State = (typeof STATES)[number];

/** What is listed: pages of what was asked for last, whichever answer comes first. */
function useSessions(text: string, state: State) {
  const [sessions, setSessions] = useState<ListedSession[] | null>(null);
  const [more, setMore] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const turn = useRef(0);
  const load = useCallback(
    async (have: ListedSession[]) => {
      const mine = ++turn.current;
      try {
        const page = await api.sessions(have.length, PAGE, text, state === "all" ? null : state);
        if (mine !== turn.current) return;
        setSessions([...have, ...page]);
        setMore(page.length === PAGE);
        setProblem(null);
      } catch (error) {
        if (mine === turn.current) setProblem(error as ApiError);
      }
    },
    [text, state],
  );
  return { sessions, more, problem, load };
}

export function Home({ who }: { who: Me | null }) {
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [state, setState] = useState<State>("all");
  const { sessions, more, problem, load } = useSessions(text, state);
  const [languages, setLanguages] = useState<LanguageInfo[]>([]);
  const [creating, setCreating] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => {
    document.title = t.brand;
    api.languages().then(setLanguages, () => setLanguages([]));
  }, []);
  useEffect(() => void load([]), [load]);
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  const change = async (action: () => Promise<unknown>, done: string) => {
    try {
      await action();
      toast(done);
      await load([]);
    } catch (error) {
      toast((error as ApiError).message);
    }
  };
  /** Out of sight at once, erased when nobody wants it back. */
  const erase = (session: ListedSession) => {
    const id = session.session_id;
    const show = (yes: boolean) =>
      setHidden((before) => new Set(yes ? [...before].filter((each) => each !== id) : [...before, id]));
    show(false);
    eraseLater(session, {
      onKept: () => show(true),
      onFailed: (message) => {
        show(true);
        toast(message);
      },
    });
  };

  const asked = text !== "" || state !== "all";
  const shown = sessions?.filter((session) => !hidden.has(session.session_id)) ?? null;
  return (
    <div class="home">
      <header class="home-bar">
        <h1>
          <Icon name="board" /> {t.brand}
        </h1>
        <span class="spacer" />
        {who?.account && <AccountLinks who={who} />}
        <PreferencesMenu />
        {problem === null && !creating && (
          <button type="button" class="primary" onClick={() => setCreating(true)}>
            <Icon name="plus" /> {t.home.newSession}
          </button>
        )}
      </header>
      <main>
        {creating && <NewSession languages={languages} onCancel={() => setCreating(false)} />}
        {problem && <Problem problem={problem} onRetry={() => void load([])} />}
        {problem === null && shown === null && <p class="muted">{t.home.loading}</p>}
        {problem === null && (asked || (shown !== null && shown.length > 0)) && (
          <search class="finder">
            <input
              type="search"
              value={typed}
              placeholder={t.home.search}
              aria-label={t.home.search}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <select
              aria-label={t.home.show}
              value={state}
              onChange={(event) => setState(event.currentTarget.value as State)}
            >
              {STATES.map((each) => (
                <option key={each} value={each}>
                  {t.home.states[each]}
                </option>
              ))}
            </select>
          </search>
        )}
        {problem === null && shown?.length === 0 && !creating && (
          <section class="empty" role="status">
            <p>{asked ? t.home.nothingFound : t.home.empty}</p>
            {asked ? (
              <button
                type="button"
                onClick={() => {
                  setTyped("");
                  setState("all");
                }}
              >
                {t.home.showAll}
              </button>
            ) : (
              <button type="button" class="primary" onClick={() => setCreating(true)}>
                <Icon name="plus" /> {t.home.newSession}
              </button>
            )}
          </section>
        )}
        {shown !== null && shown.length > 0 && (
          <ul class="sessions" aria-label={t.home.list}>
            {shown.map((session) => (
              <Row
                key={session.session_id}
                session={session}
                languages={languages}
                change={change}
                onErase={() => erase(session)}
              />
            ))}
          </ul>
        )}
        {more && (
          <button type="button" onClick={() => void load(sessions ?? [])}>
            {t.home.older}
          </button>
        )}
      </main>
    </div>
  );
}

interface Erasing {
  onKept: () => void;
  onFailed: (message: string) => void;
}

/** Erase a session in ten seconds, or when the page is left, unless it is wanted back. */
function eraseLater(session: ListedSession, { onKept, onFailed }: Erasing): void {
  const eraseNow = () => {
    stop();
    api.remove(session.session_id).catch((error: ApiError) => onFailed(error.message));
  };
  const timer = setTimeout(eraseNow, 10_000);
  const stop = () => {
    clearTimeout(timer);
    removeEventListener("pagehide", eraseNow);
  };
  addEventListener("pagehide", eraseNow);
  toast(t.home.erased(session.title), {
    label: t.undo,
    run: () => {
      stop();
      onKept();
      toast(t.home.kept(session.title));
    },
  });
}

function AccountLinks({ who }: { who: Me }) {
  return (
    <nav class="account" aria-label={t.home.yourAccount}>
      {who.account?.role === "admin" && (
        <button type="button" class="quiet" onClick={() => go("/accounts")}>
          {t.home.accounts}
        </button>
      )}
      <button type="button" class="quiet" onClick={() => go("/me")}>
        {who.account?.display_name}
      </button>
      <button type="button" class="quiet" onClick={() => void api.signOut().then(loadMe)}>
        {t.home.signOut}
      </button>
    </nav>
  );
}

interface RowProps {
  session: ListedSession;
  languages: LanguageInfo[];
  change: (action: () => Promise<unknown>, done: string) => Promise<void>;
  onErase: () => void;
}

function Row({ session, languages, change, onErase }: RowProps) {
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
        <span class="session-title">
          {session.title}
          {session.candidate_name && <span class="session-for">{session.candidate_name}</span>}
        </span>
        <span class="session-facts">
          <span class={open ? "state-open" : "state-ended"}>{t.home.states[session.status]}</span>
          <span>{language}</span>
          {session.active_users > 0 && (
            <span class="here" title={session.people_here.join(", ")}>
              {t.home.peopleHere(session.active_users)}
            </span>
          )}
          <time dateTime={session.last_activity_at} title={when(session.last_activity_at)}>
            {t.home.lastActivity(ago(session.last_activity_at))}
          </time>
        </span>
      </a>
      {session.activity && <Sparkline bars={session.activity} />}
      <span class="session-actions">
        {open && (
          <button type="button" onClick={() => void copy(session.share_url ?? "", t.links.candidate)}>
            <Icon name="link" /> {t.home.copyLink}
          </button>
        )}
        {open ? (
          <button type="button" onClick={() => void change(() => api.end(id), t.home.ended)}>
            {t.home.end}
          </button>
        ) : (
          <button type="button" onClick={() => void change(() => api.reopen(id), t.home.reopened)}>
            {t.home.reopen}
          </button>
        )}
        <button type="button" class="quiet" aria-label={t.home.erase(session.title)} onClick={onErase}>
          <Icon name="trash" />
        </button>
      </span>
    </li>
  );
}

function Problem({ problem, onRetry }: { problem: ApiError; onRetry: () => void }) {
  const guest = problem.status === 401 || problem.status === 403;
  return (
    <section class="empty" role="alert">
      <h2>{guest ? t.home.notYours : t.home.cannotShow}</h2>
      <p>{problem.message}</p>
      {problem.status === 403 ? (
        <button type="button" onClick={() => void api.leave().then(onRetry, onRetry)}>
          {t.home.leave}
        </button>
      ) : (
        <button type="button" onClick={onRetry}>
          {t.tryAgain}
        </button>
      )}
    </section>
  );
}
