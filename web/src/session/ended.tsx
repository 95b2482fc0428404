/** A session that has ended: its files, read only, and for its host the way back. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, api, type FileInfo, type Session } from "../api";
import { Icon } from "../icons";
import { go } from "../navigation";
import { toast } from "../toast";
import { t } from "../words";
import { openViewer } from "./editor";
import { mayHost } from "./roles";

export function Ended({ session, onReopened }: { session: Session; onReopened: (session: Session) => void }) {
  const [files, setFiles] = useState<FileInfo[]>([]);
  const [open, setOpen] = useState<FileInfo | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const hosting = mayHost(session.your_role);
  const mayReplay = hosting || session.candidate_keeps === "timeline";
  const mayRead = hosting || session.candidate_keeps !== "nothing";
  useEffect(() => {
    document.title = t.titled(t.session.endedTitle(session.title));
    if (!mayRead) return;
    api.files(session.session_id).then(
      (found) => {
        setFiles(found);
        setOpen(found.find((file) => file.language === session.language) ?? found[0] ?? null);
      },
      (error: ApiError) => toast(error.message),
    );
  }, [session, mayRead]);
  useEffect(() => {
    if (open === null) return;
    let view: { destroy(): void } | null = null;
    let gone = false;
    api.file(session.session_id, open.path).then(
      (text) => {
        if (!gone && place.current) view = openViewer(open.path, text, open.language, place.current);
      },
      (error: ApiError) => toast(error.message),
    );
    return () => {
      gone = true;
      view?.destroy();
    };
  }, [open, session.session_id]);

  const reopen = async () => {
    try {
      onReopened(await api.reopen(session.session_id));
    } catch (error) {
      const refused = error instanceof ApiError && error.status === 403;
      toast(refused ? t.session.onlyInterviewersReopen : (error as ApiError).message);
    }
  };

  return (
    <div class="session ended" data-pane="editor">
      <header class="bar">
        {hosting && (
          <button type="button" class="quiet" aria-label={t.session.allSessions} onClick={() => go("/")}>
            <Icon name="board" />
          </button>
        )}
        <h1 class="title">{session.title}</h1>
        <span class="chip tone-muted">
          <span class="dot" aria-hidden="true" /> {t.session.ended}
        </span>
        <span class="spacer" />
        {mayRead && (
          <a class="button" href={`/api/sessions/${session.session_id}/download`} download>
            {t.session.download}
          </a>
        )}
        {mayReplay && (
          <button type="button" class="primary" onClick={() => go(`/s/${session.session_id}/replay`)}>
            {t.replay.open}
          </button>
        )}
        {hosting && (
          <button type="button" onClick={() => void reopen()}>
            {t.session.reopen}
          </button>
        )}
      </header>
      <section class="banners" aria-label={t.session.notices}>
        <p class="banner">{mayRead ? t.session.endedKept : t.session.endedNotKept}</p>
      </section>
      <main class="files">
        <div class="tabs" role="tablist" aria-label={t.files.label}>
          {files.map((file) => (
            <button
              key={file.path}
              type="button"
              role="tab"
              aria-selected={file.path === open?.path}
              onClick={() => setOpen(file)}
            >
              {file.path}
            </button>
          ))}
        </div>
        <div class="editor" ref={place} />
      </main>
    </div>
  );
}
