/** Notes that remember their instant, and the interviewers' chat: one list, newest last. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type PrivateEntry, type Session } from "../api";
import { useValue } from "../observable";
import { sinceStart } from "../session/activity";
import type { Room } from "../session/room";
import { toast } from "../toast";
import { t, when } from "../words";
import { type Line, linesOf } from "./log";

export function Notes({ room, session }: { room: Room; session: Session }) {
  const [entries, setEntries] = useState<readonly PrivateEntry[]>([]);
  const link = useValue(room.link);
  const id = session.session_id;
  const add = (...more: PrivateEntry[]) => setEntries((have) => [...have, ...more]);
  useEffect(() => {
    // Again after each reconnection: what was written meanwhile was told to nobody here.
    // What is written while the answer is on its way stands behind it.
    if (link.state === "online")
      api.notes(id, 0).then(
        (found) =>
          setEntries((have) => [...found, ...have.filter(({ seq }) => seq > (found.at(-1)?.seq ?? 0))]),
        (error: ApiError) => toast(error.message),
      );
  }, [id, link.state]);
  useEffect(
    () =>
      room.noted.subscribe(() => {
        const entry = room.noted.get();
        if (entry) add(entry);
      }),
    [room],
  );
  const lines = linesOf(entries);
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [lines.length]);
  return (
    <section class="notes">
      {lines.length === 0 && <p class="muted">{t.notes.empty}</p>}
      <ol class="entries" aria-label={t.notes.list}>
        {lines.map((line) => (
          <NoteLine key={line.seq} line={line} room={room} session={session} onChanged={add} />
        ))}
        <li ref={end} class="end" aria-hidden="true" />
      </ol>
      <Composer sessionId={id} onAdded={add} />
    </section>
  );
}

interface LineProps {
  line: Line;
  room: Room;
  session: Session;
  onChanged: (entry: PrivateEntry) => void;
}

function NoteLine({ line, room, session, onChanged }: LineProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const own = line.participantId === room.you.get()?.participant_id;
  const failed = (error: ApiError) => toast(error.message);
  const save = (event: Event) => {
    event.preventDefault();
    if (!editing?.trim()) return;
    api.changeNote(session.session_id, line.seq, editing.trim()).then((entry) => {
      onChanged(entry);
      setEditing(null);
    }, failed);
  };
  return (
    <li class={`line-${line.kind}`}>
      <a
        class="muted"
        href={`/s/${session.session_id}/replay#t=${line.anchor}`}
        target="_blank"
        rel="noreferrer"
        title={when(line.at)}
      >
        <time dateTime={line.at}>{sinceStart(session, line.at)}</time>
      </a>
      <span>
        <span class="muted">
          {line.name}
          {line.kind === "chat" && ` · ${t.notes.kinds.chat}`}
        </span>
        {editing === null ? (
          <span class="line-text">{line.kind === "scores" ? t.notes.scoresGiven : line.text}</span>
        ) : (
          <form class="say" onSubmit={save}>
            <textarea
              rows={3}
              value={editing}
              aria-label={t.notes.edit}
              onInput={(event) => setEditing(event.currentTarget.value)}
              onKeyDown={(event) => event.key === "Escape" && setEditing(null)}
            />
            <button type="submit">{t.notes.save}</button>
          </form>
        )}
        {own && line.kind !== "scores" && editing === null && (
          <span class="line-actions">
            <button type="button" class="quiet" onClick={() => setEditing(line.text)}>
              {t.notes.edit}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() =>
                void api.removeNote(session.session_id, line.seq).then(() => toast(t.notes.removed), failed)
              }
            >
              {t.notes.remove}
            </button>
          </span>
        )}
      </span>
    </li>
  );
}

function Composer({ sessionId, onAdded }: { sessionId: string; onAdded: (entry: PrivateEntry) => void }) {
  const [kind, setKind] = useState<"note" | "chat">("note");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    try {
      onAdded(await api.addNote(sessionId, kind, text.trim()));
      setText("");
    } catch (error) {
      toast((error as ApiError).message); // what was typed stays
    }
    setBusy(false);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label>
        {kind === "note" ? t.notes.write : t.notes.chat}
        <textarea
          rows={3}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
      </label>
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy || !text.trim()}>
          {kind === "note" ? t.notes.add : t.notes.send}
        </button>
        <select
          aria-label={t.notes.kind}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as "note" | "chat")}
        >
          <option value="note">{t.notes.kinds.note}</option>
          <option value="chat">{t.notes.kinds.chat}</option>
        </select>
      </span>
      <p class="muted">{t.notes.hint}</p>
    </form>
  );
}
