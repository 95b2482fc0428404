/** Notes that remember their instant, and the interviewers' chat: one list, newest last. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, api, type PrivateEntry, type Session } from "../api";
import { Trouble } from "../field";
import { useValue } from "../observable";
import { sinceStart } from "../session/activity";
import type { Room } from "../session/room";
import { saidOf } from "../refused";
import { useSubmit } from "../submit";
import { toast } from "../toast";
import { when } from "../words";
import { NextUp } from "./guide";
import { type Line, linesOf } from "./log";
import { panelWords } from "../words/panels";

/** The notes beside the editor: read again after each reconnection, and told one by one between. */
export function NotesPanel({ room, session }: { room: Room; session: Session }) {
  const link = useValue(room.link);
  const you = useValue(room.you)?.participant_id;
  return (
    <>
      <Notes
        session={session}
        turn={link.state}
        ready={link.state === "online"}
        room={room}
        you={you}
      />
      <NextUp room={room} session={session} />
    </>
  );
}

interface NotesProps {
  session: Session;
  /** Something else whenever there may be more to read. */
  turn: unknown;
  ready?: boolean;
  room?: Room;
  you?: string | undefined;
}

export function Notes({ session, turn, ready = true, room, you }: NotesProps) {
  const [entries, setEntries] = useState<readonly PrivateEntry[]>([]);
  const [self, setSelf] = useState<string | undefined>(undefined);
  const id = session.session_id;
  const add = (...more: PrivateEntry[]) => setEntries((have) => [...have, ...more]);
  useEffect(() => {
    // What was written meanwhile was told to nobody here; what is written while the answer is on its way stands behind it.
    if (ready)
      api.notes(id, 0).then(
        (found) =>
          setEntries((have) => [
            ...found,
            ...have.filter(({ seq }) => seq > (found.at(-1)?.seq ?? 0)),
          ]),
        (error: ApiError) => toast(error.message),
      );
  }, [id, turn, ready]);
  useEffect(
    () =>
      room?.noted.subscribe(() => {
        const entry = room.noted.get();
        if (entry) add(entry);
      }),
    [room],
  );
  const onAdded = (entry: PrivateEntry) => {
    setSelf(entry.participant_id);
    add(entry);
  };
  const lines = linesOf(entries);
  const end = useRef<HTMLLIElement>(null);
  // Beside the editor the newest is what one wants to see; on a page of its own nothing moves.
  useEffect(() => {
    if (room) end.current?.scrollIntoView({ block: "nearest" });
  }, [lines.length, room]);
  return (
    <section class="notes">
      {lines.length === 0 && <p class="muted">{panelWords().notes.empty}</p>}
      <ol class="entries" aria-label={panelWords().notes.list}>
        {lines.map((line) => (
          <NoteLine
            key={line.seq}
            line={line}
            self={you ?? self}
            session={session}
            onChanged={add}
          />
        ))}
        <li ref={end} class="end" aria-hidden="true" />
      </ol>
      <Composer sessionId={id} onAdded={onAdded} />
    </section>
  );
}

interface LineProps {
  line: Line;
  self: string | undefined;
  session: Session;
  onChanged: (entry: PrivateEntry) => void;
}

function NoteLine({ line, self, session, onChanged }: LineProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const own = line.participantId === self;
  const failed = (error: ApiError) => toast(saidOf(error));
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
          {line.kind === "chat" && ` · ${panelWords().notes.kinds.chat}`}
        </span>
        {editing === null ? (
          <span class="line-text">
            {line.kind === "scores" ? panelWords().notes.scoresGiven : line.text}
          </span>
        ) : (
          <form class="say" onSubmit={save}>
            <textarea
              rows={3}
              value={editing}
              aria-label={panelWords().notes.edit}
              onInput={(event) => setEditing(event.currentTarget.value)}
              onKeyDown={(event) => event.key === "Escape" && setEditing(null)}
            />
            <button type="submit">{panelWords().notes.save}</button>
          </form>
        )}
        {own && line.kind !== "scores" && editing === null && (
          <span class="line-actions">
            <button type="button" class="quiet" onClick={() => setEditing(line.text)}>
              {panelWords().notes.edit}
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() =>
                void api
                  .removeNote(session.session_id, line.seq)
                  .then(() => toast(panelWords().notes.removed), failed)
              }
            >
              {panelWords().notes.remove}
            </button>
          </span>
        )}
      </span>
    </li>
  );
}

function Composer({
  sessionId,
  onAdded,
}: {
  sessionId: string;
  onAdded: (entry: PrivateEntry) => void;
}) {
  const [kind, setKind] = useState<"note" | "chat">("note");
  const [text, setText] = useState("");
  const { busy, problem, submit } = useSubmit(async () => {
    if (!text.trim()) return;
    onAdded(await api.addNote(sessionId, kind, text.trim()));
    setText("");
  });
  return (
    <form class="composer" onSubmit={(event) => void submit(event)}>
      <label>
        {kind === "note" ? panelWords().notes.write : panelWords().notes.chat}
        <textarea
          name="text"
          rows={3}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      </label>
      <Trouble text={problem} />
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy || !text.trim()}>
          {kind === "note" ? panelWords().notes.add : panelWords().notes.send}
        </button>
        <select
          aria-label={panelWords().notes.kind}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as "note" | "chat")}
        >
          <option value="note">{panelWords().notes.kinds.note}</option>
          <option value="chat">{panelWords().notes.kinds.chat}</option>
        </select>
      </span>
      <p class="muted">{panelWords().notes.hint}</p>
    </form>
  );
}
