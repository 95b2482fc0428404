/** A session in the list: when, what, with whom, how it stands, and what one does with it. */
import "./styles/wrap-up.css";
import { instantOf, shortly } from "./agenda";
import { api, type LanguageInfo, type ListedSession } from "./api";
import { serverNow } from "./clock";
import { Icon } from "./icons";
import { go } from "./navigation";
import { Sparkline } from "./sparkline";
import { copyLink } from "./toast";
import { ago, locale, region, t, when } from "./words";
import { screenWords } from "./words/screens";
import { wrapUpWords } from "./words/wrap-up";

interface RowProps {
  session: ListedSession;
  languages: LanguageInfo[];
  change: (action: () => Promise<unknown>, done: string) => Promise<void>;
  onErase: () => void;
}

export function Row({ session, languages, change, onErase }: RowProps) {
  const id = session.session_id;
  const open = session.status === "open";
  const w = screenWords().home;
  const instant = instantOf(session);
  return (
    <li class="session-row">
      <time class="session-when" dateTime={instant} title={when(instant)}>
        {shortly(instant, serverNow(), region())}
      </time>
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
          <Candidate session={session} />
        </span>
        <Facts session={session} languages={languages} />
      </a>
      {session.activity && <Sparkline bars={session.activity} />}
      <span class="session-actions">
        {open ? (
          <button
            type="button"
            onClick={() => void copyLink(session.share_url ?? "", t.links.candidate)}
          >
            <Icon name="link" /> {w.copyLink}
          </button>
        ) : (
          <button type="button" onClick={() => go(`/s/${id}/replay`)}>
            {t.openReplay}
          </button>
        )}
        <button type="button" onClick={() => go(`/s/${id}/wrap-up`)}>
          {t.session.wrapUp}
        </button>
        {open ? (
          <button type="button" onClick={() => void change(() => api.end(id), w.ended)}>
            {w.end}
          </button>
        ) : (
          <button type="button" onClick={() => void change(() => api.reopen(id), w.reopened)}>
            {w.reopen}
          </button>
        )}
        <button type="button" class="quiet" aria-label={w.erase(session.title)} onClick={onErase}>
          <Icon name="trash" />
        </button>
      </span>
    </li>
  );
}

/** Whom it is for: as whoever made it wrote it; where they wrote nothing, as those who came call themselves. */
function Candidate({ session }: { session: ListedSession }) {
  const names = session.candidate_name
    ? [session.candidate_name]
    : (session.agenda?.candidates ?? []);
  return names.length > 0 ? <span class="session-for">{names.join(", ")}</span> : null;
}

function Facts({ session, languages }: Pick<RowProps, "session" | "languages">) {
  const w = screenWords().home;
  const open = session.status === "open";
  const language =
    languages.find((known) => known.id === session.language)?.name ?? session.language;
  const interviewers = session.agenda?.interviewers ?? [];
  const minutes = open && session.starts_at ? minutesTo(session.starts_at) : null;
  return (
    <span class="session-facts">
      <span class={open ? "state-open" : "state-ended"}>{w.states[session.status]}</span>
      {interviewers.length > 0 && <span>{w.by(interviewers.join(", "))}</span>}
      <span>{language}</span>
      {minutes !== null && <span class="soon">{soon(minutes)}</span>}
      {session.active_users > 0 && (
        <span class="here" title={session.people_here.join(", ")}>
          {w.peopleHere(session.active_users)}
        </span>
      )}
      {open && (
        <time dateTime={session.last_activity_at} title={when(session.last_activity_at)}>
          {w.lastActivity(ago(session.last_activity_at))}
        </time>
      )}
      {!open && <Outcome session={session} />}
    </span>
  );
}

/** What they came to, as far as whoever looks may read it; and that oneself has still to decide. */
function Outcome({ session: { agenda } }: { session: ListedSession }) {
  if (!agenda) return null;
  const w = screenWords().home;
  if (agenda.yours_is_missing) return <span class="undecided">{w.yoursIsMissing}</span>;
  if (agenda.decisions === null) return <span>{w.othersAreMissing}</span>;
  const { verdicts } = wrapUpWords().decision;
  return (
    <>
      {agenda.decisions.map((verdict, index) => (
        <strong key={index} class={`verdict-${verdict}`}>
          {verdicts[verdict]}
        </strong>
      ))}
    </>
  );
}

/** Minutes until a planned start, within two hours of it: before that the time of day says enough. */
function minutesTo(instant: string): number | null {
  const minutes = Math.round((Date.parse(instant) - serverNow()) / 60_000);
  return Math.abs(minutes) <= 120 ? minutes : null;
}

/** "in 12 minutes", "7 minutes ago". */
function soon(minutes: number): string {
  return new Intl.RelativeTimeFormat(locale.get(), { numeric: "auto" }).format(minutes, "minute");
}
