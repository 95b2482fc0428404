/** Home: the sessions as an agenda, found again by title, candidate or state, and the way to a new one. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { agendaOf } from "./agenda";
import { Row } from "./agenda-row";
import { type ApiError, api, type LanguageInfo, type ListedSession, type Me } from "./api";
import { serverNow } from "./clock";
import { Icon } from "./icons";
import { loadMe } from "./me";
import { go } from "./navigation";
import { NewSession } from "./new-session";
import { PreferencesMenu } from "./preferences-menu";
import "./styles/home.css";
import { takeNext } from "./questions/wanted";
import { toast } from "./toast";
import { t } from "./words";
import { screenWords } from "./words/screens";

const PAGE = 50;
const TYPING_MS = 250;
const STATES = ["all", "open", "ended"] as const;
type State = (typeof STATES)[number];

/** What is planned for today or later, however long ago it was created; nothing where only ended ones are wanted. */
async function planned(text: string, state: State): Promise<ListedSession[]> {
  if (state === "ended") return [];
  const today = new Date(serverNow());
  today.setHours(0, 0, 0, 0);
  return api.sessions(0, PAGE, text, "open", today);
}

/** What is listed: pages of what was asked for last, whichever answer comes first. */
function useSessions(text: string, state: State) {
  const [newest, setNewest] = useState<ListedSession[] | null>(null);
  const [coming, setComing] = useState<ListedSession[]>([]);
  const [more, setMore] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const turn = useRef(0);
  const load = useCallback(
    async (have: ListedSession[]) => {
      const mine = ++turn.current;
      try {
        const asked = api.sessions(have.length, PAGE, text, state === "all" ? null : state);
        const [page, soon] = await Promise.all([
          asked,
          have.length === 0 ? planned(text, state) : null,
        ]);
        if (mine !== turn.current) return;
        setNewest([...have, ...page]);
        if (soon) setComing(soon);
        setMore(page.length === PAGE);
        setProblem(null);
      } catch (error) {
        if (mine === turn.current) setProblem(error as ApiError);
      }
    },
    [text, state],
  );
  const listed = new Set(newest?.map((each) => each.session_id));
  const sessions = newest && [...newest, ...coming.filter((each) => !listed.has(each.session_id))];
  const again = useCallback(() => load([]), [load]);
  return { sessions, more, problem, load: again, loadMore: () => load(newest ?? []) };
}

export function Home({ who }: { who: Me | null }) {
  const finding = useFinding();
  const { sessions, more, problem, load, loadMore } = useSessions(finding.text, finding.state);
  const [languages, setLanguages] = useState<LanguageInfo[]>([]);
  const [wanted, setWanted] = useState(takeNext);
  const [creating, setCreating] = useState(wanted !== null);
  const { hidden, erase } = useErasing();
  useEffect(() => {
    document.title = t.brand;
    api.languages().then(setLanguages, () => setLanguages([]));
  }, []);
  useEffect(() => void load(), [load]);

  const change = async (action: () => Promise<unknown>, done: string) => {
    try {
      await action();
      toast(done);
      await load();
    } catch (error) {
      toast((error as ApiError).message);
    }
  };

  const shown = sessions?.filter((session) => !hidden.has(session.session_id)) ?? null;
  const some = shown !== null && shown.length > 0;
  const onNew = () => setCreating(true);
  const onCancel = () => {
    setCreating(false);
    setWanted(null);
  };
  return (
    <div class="home">
      <header class="home-bar">
        <h1>
          <Icon name="board" /> {t.brand}
        </h1>
        <span class="spacer" />
        {problem === null && (
          <button type="button" class="quiet" onClick={() => go("/library")}>
            {screenWords().home.library}
          </button>
        )}
        {who?.account && <AccountLinks who={who} />}
        <PreferencesMenu />
        {problem === null && !creating && <NewButton onNew={onNew} />}
      </header>
      <main>
        {creating && <NewSession beginning={wanted} languages={languages} onCancel={onCancel} />}
        {problem && <Problem problem={problem} onRetry={() => void load()} />}
        {problem === null && shown === null && <p class="muted">{screenWords().home.loading}</p>}
        {problem === null && (finding.asked || some) && <Finder finding={finding} />}
        {problem === null && shown?.length === 0 && !creating && (
          <Nothing finding={finding} onNew={onNew} />
        )}
        {some && <Agenda sessions={shown} languages={languages} change={change} onErase={erase} />}
        {more && (
          <button type="button" onClick={() => void loadMore()}>
            {screenWords().home.older}
          </button>
        )}
      </main>
    </div>
  );
}

/** What is looked for: asked once somebody stops typing. */
function useFinding() {
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [state, setState] = useState<State>("all");
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const asked = text !== "" || state !== "all";
  return { typed, setTyped, text, state, setState, asked };
}

type Finding = ReturnType<typeof useFinding>;

function Finder({ finding: { typed, setTyped, state, setState } }: { finding: Finding }) {
  const w = screenWords().home;
  return (
    <search class="finder">
      <input
        type="search"
        value={typed}
        placeholder={w.search}
        aria-label={w.search}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <select
        aria-label={w.show}
        value={state}
        onChange={(event) => setState(event.currentTarget.value as State)}
      >
        {STATES.map((each) => (
          <option key={each} value={each}>
            {w.states[each]}
          </option>
        ))}
      </select>
    </search>
  );
}

/** No session at all, or none that was looked for. */
function Nothing({ finding, onNew }: { finding: Finding; onNew: () => void }) {
  const w = screenWords().home;
  const showAll = () => {
    finding.setTyped("");
    finding.setState("all");
  };
  return (
    <section class="empty" role="status">
      <p>{finding.asked ? w.nothingFound : w.empty}</p>
      {finding.asked ? (
        <button type="button" onClick={showAll}>
          {w.showAll}
        </button>
      ) : (
        <NewButton onNew={onNew} />
      )}
    </section>
  );
}

function NewButton({ onNew }: { onNew: () => void }) {
  return (
    <button type="button" class="primary" onClick={onNew}>
      <Icon name="plus" /> {screenWords().home.newSession}
    </button>
  );
}

/** Sessions that are out of sight at once, and erased when nobody wants them back. */
function useErasing() {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const erase = (session: ListedSession) => {
    const id = session.session_id;
    const show = () => setHidden((before) => new Set([...before].filter((each) => each !== id)));
    setHidden((before) => new Set([...before, id]));
    eraseLater(session, {
      onKept: show,
      onFailed: (message) => {
        show();
        toast(message);
      },
    });
  };
  return { hidden, erase };
}

/** The sessions by when they are: a heading for each part that has any. */
function Agenda({ sessions, onErase, ...row }: AgendaProps) {
  const w = screenWords().home;
  return (
    <>
      {agendaOf(sessions, serverNow()).map(([part, own]) => (
        <section key={part} class="agenda-part">
          <h2 id={`part-${part}`}>{w.parts[part]}</h2>
          <ul class="sessions" aria-labelledby={`part-${part}`}>
            {own.map((session) => (
              <Row
                key={session.session_id}
                session={session}
                {...row}
                onErase={() => onErase(session)}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface AgendaProps {
  sessions: readonly ListedSession[];
  languages: LanguageInfo[];
  change: (action: () => Promise<unknown>, done: string) => Promise<void>;
  onErase: (session: ListedSession) => void;
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
  toast(screenWords().home.erased(session.title), {
    label: t.undo,
    run: () => {
      stop();
      onKept();
      toast(screenWords().home.kept(session.title));
    },
  });
}

function AccountLinks({ who }: { who: Me }) {
  return (
    <nav class="account" aria-label={screenWords().home.yourAccount}>
      {who.account?.role === "admin" && (
        <button type="button" class="quiet" onClick={() => go("/accounts")}>
          {screenWords().home.accounts}
        </button>
      )}
      <button type="button" class="quiet" onClick={() => go("/me")}>
        {who.account?.display_name}
      </button>
      <button type="button" class="quiet" onClick={() => void api.signOut().then(loadMe)}>
        {screenWords().home.signOut}
      </button>
    </nav>
  );
}

function Problem({ problem, onRetry }: { problem: ApiError; onRetry: () => void }) {
  const guest = problem.status === 401 || problem.status === 403;
  return (
    <section class="empty" role="alert">
      <h2>{guest ? screenWords().home.notYours : screenWords().home.cannotShow}</h2>
      <p>{problem.message}</p>
      {problem.status === 403 ? (
        <button type="button" onClick={() => void api.leave().then(onRetry, onRetry)}>
          {screenWords().home.leave}
        </button>
      ) : (
        <button type="button" onClick={onRetry}>
          {t.tryAgain}
        </button>
      )}
    </section>
  );
}
