/** The session's bar: what it is called, whether it is saved, how late it is, and what its host does with it. */
import { type ApiError, api, type LanguageInfo, type Session } from "../api";
import { Help } from "../help";
import { Icon } from "../icons";
import { Lazy } from "../lazy";
import { NARROW, useMedia } from "../media";
import { Menu } from "../menu";
import { go } from "../navigation";
import { useValue } from "../observable";
import { PreferencesMenu } from "../preferences-menu";
import { copyLink, toast } from "../toast";
import { t } from "../words";
import { LanguageChoice } from "./language-choice";
import { PeopleLine } from "./people-line";
import type { Room } from "./room";
import { StatusChip } from "./status";
import type { Follow } from "./follow";

const clock = async () => (await import("./clock")).ClockChip;

interface BarProps {
  room: Room;
  follow: Follow | null;
  session: Session;
  languages: LanguageInfo[];
  hosting: boolean;
  onWaiting: () => void;
}

export function Bar({ room, follow, session, languages, hosting, onWaiting }: BarProps) {
  const title = useValue(room.title) || session.title;
  const told = useValue(room.clock);
  const over = useValue(room.over);
  const waiting = useValue(room.waiting);
  const tight = useMedia("(max-width: 1000px)"); // as in `panes.css`
  const knocks = t.session.waitingCount(waiting.length);
  // On a phone there is room for what one must see; what one does stands behind a button.
  const folded = useMedia(NARROW) && hosting;
  const language = (
    <LanguageChoice
      room={room}
      session={session}
      languages={languages}
      enabled={hosting && !over}
    />
  );
  return (
    <header class="bar">
      {hosting && (
        <button
          type="button"
          class="quiet"
          aria-label={t.session.allSessions}
          onClick={() => go("/")}
        >
          <Icon name="board" />
        </button>
      )}
      <h1 class="title" title={title}>
        {title}
      </h1>
      {!folded && language}
      <StatusChip room={room} />
      {told && <Lazy quiet load={clock} with={{ room, sessionId: session.session_id, hosting }} />}
      <span class="spacer" />
      {follow && <PeopleLine room={room} follow={follow} />}
      {hosting && waiting.length > 0 && (
        <button
          type="button"
          class="primary"
          aria-label={knocks}
          title={knocks}
          onClick={onWaiting}
        >
          {tight ? (
            <>
              <Icon name="plus" /> {waiting.length}
            </>
          ) : (
            knocks
          )}
        </button>
      )}
      <PreferencesMenu />
      <Help />
      {hosting && !folded && <HostActions session={session} />}
      {folded && (
        <Menu label={t.session.more} face={<span aria-hidden="true">⋯</span>}>
          {(close) => (
            <>
              {language}
              <HostActions session={session} onDone={close} />
            </>
          )}
        </Menu>
      )}
    </header>
  );
}

function HostActions({ session, onDone }: { session: Session; onDone?: () => void }) {
  return (
    <>
      <button
        type="button"
        aria-label={t.session.copyLink}
        title={t.session.copyLink}
        onClick={() => {
          onDone?.();
          void copyShareLink(session);
        }}
      >
        <Icon name="link" /> <span class="long">{t.session.copyLink}</span>
      </button>
      <button type="button" class="end" onClick={() => go(`/s/${session.session_id}/wrap-up`)}>
        {t.session.wrapUp}
      </button>
    </>
  );
}

/** The link may have been replaced elsewhere since this screen was opened. */
async function copyShareLink(session: Session): Promise<void> {
  try {
    const now = await api.session(session.session_id);
    await copyLink(now.share_url ?? "", t.links.candidate);
  } catch (error) {
    toast((error as ApiError).message);
  }
}
