/** A session that has ended: its files, read only, and for its host the way back. */
import "../styles/panels.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, api, type FileInfo, type Session } from "../api";
import { takeFocus } from "../focus";
import { Fold } from "../fold";
import { Icon } from "../icons";
import { Lazy } from "../lazy";
import { go } from "../navigation";
import { TabRow } from "../tab-row";
import { toast } from "../toast";
import { t } from "../words";
import { fileWords } from "../words/files";
import { openViewer } from "./editor";
import { questionsApi } from "../questions/api";
import { firstPath, mainIn } from "./paths";
import { mayHost } from "./roles";
import { UnsentAtEnd } from "./unsent";

const thanks = async () => (await import("./thanks")).Thanks;

interface EndedProps {
  session: Session;
  /** The file that was looked at when it ended. */
  looked: string | null;
  onReopened: (session: Session) => void;
}

export function Ended({ session, looked, onReopened }: EndedProps) {
  const hosting = mayHost(session.your_role);
  const mayRead = hosting || session.candidate_keeps !== "nothing";
  const { files, open, setOpen } = useFiles(session, looked, mayRead);
  const place = useViewer(session, open);
  return (
    <div class="session ended" data-pane="editor">
      <EndedBar session={session} hosting={hosting} mayRead={mayRead} onReopened={onReopened} />
      <section class="banners" aria-label={t.session.notices}>
        {hosting ? (
          <p class="banner" ref={takeFocus}>
            {t.session.endedKept}
          </p>
        ) : (
          <Lazy load={thanks} with={{ session }} />
        )}
        <UnsentAtEnd session={session} onReopened={onReopened} />
      </section>
      <main class="files">
        <TabRow
          label={t.files.label}
          names={(files ?? []).map(({ path }) => path)}
          open={open?.path ?? null}
          onOpen={(path) => setOpen(files?.find((file) => file.path === path) ?? null)}
        />
        {files?.length === 0 && <p class="loading muted">{fileWords().none}</p>}
        <div class="editor" ref={place} />
      </main>
    </div>
  );
}

interface BarProps {
  session: Session;
  hosting: boolean;
  mayRead: boolean;
  onReopened: (session: Session) => void;
}

function EndedBar({ session, hosting, mayRead, onReopened }: BarProps) {
  const address = `/s/${session.session_id}`;
  const mayReplay = hosting || session.candidate_keeps === "timeline";
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
      <h1 class="title" title={session.title}>
        {session.title}
      </h1>
      <span class="chip tone-muted">
        <span class="dot" aria-hidden="true" /> {t.session.ended}
      </span>
      <span class="spacer" />
      {mayReplay && (
        <button type="button" class="primary" onClick={() => go(`${address}/replay`)}>
          {t.openReplay}
        </button>
      )}
      <Fold label={t.session.more}>
        {mayRead && (
          <a class="button" href={`/api/sessions/${session.session_id}/download`} download>
            {t.session.download}
          </a>
        )}
        {hosting && (
          <>
            <button type="button" onClick={() => go(`${address}/wrap-up`)}>
              {t.session.wrapUp}
            </button>
            <button type="button" onClick={() => void reopen(session, onReopened)}>
              {t.session.reopen}
            </button>
          </>
        )}
      </Fold>
    </header>
  );
}

async function reopen(session: Session, onReopened: BarProps["onReopened"]): Promise<void> {
  try {
    onReopened(await api.reopen(session.session_id));
  } catch (error) {
    const refused = error instanceof ApiError && error.status === 403;
    toast(refused ? t.session.onlyInterviewersReopen : (error as ApiError).message);
  }
}

/** The files there are, and the open one: first that which was looked at, or the language's own. */
function useFiles(session: Session, looked: string | null, mayRead: boolean) {
  const [files, setFiles] = useState<FileInfo[] | null>(null);
  const [open, setOpen] = useState<FileInfo | null>(null);
  useEffect(() => {
    document.title = t.titled(t.session.endedTitle(session.title));
    if (!mayRead) return;
    // Which question it was about last only says what is shown first.
    const about = questionsApi.problem(session.session_id).catch(() => null);
    Promise.all([api.files(session.session_id), about]).then(
      ([found, problem]) => {
        setFiles(found);
        const { language } = session;
        const paths = found.map((file) => file.path);
        const first = firstPath(language, paths, mainIn(problem?.folder, language, paths));
        const last = found.find((file) => file.path === looked);
        setOpen(last ?? found.find((file) => file.path === first) ?? null);
      },
      (error: ApiError) => toast(error.message),
    );
  }, [session, mayRead]);
  return { files, open, setOpen };
}

/** Where the open file is shown. */
function useViewer(session: Session, open: FileInfo | null) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open === null) return;
    let view: { destroy(): void } | null = null;
    let gone = false;
    api.file(session.session_id, open.path).then(
      (text) => {
        if (!gone && place.current)
          view = openViewer(open.path, text, open.language, place.current);
      },
      (error: ApiError) => toast(error.message),
    );
    return () => {
      gone = true;
      view?.destroy();
    };
  }, [open, session.session_id]);
  return place;
}
