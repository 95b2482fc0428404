/** Lines to everybody: the one place of the side panel where what an interviewer writes is read by the candidate. */
import "../styles/lines.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Line, type Session } from "../api";
import { Trouble } from "../field";
import { useValue } from "../observable";
import { useSubmit } from "../submit";
import { when } from "../words";
import { wrapUpWords } from "../words/wrap-up";
import { sinceStart } from "./activity";
import { saidAlone } from "./people";
import { PersonName } from "./people-line";
import { mayHost, mayTakePart } from "./roles";
import type { Room } from "./room";

export function Lines({ room, session }: { room: Room; session: Session }) {
  const w = wrapUpWords().lines;
  const lines = useValue(room.lines);
  const you = useValue(room.you);
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [lines.length]);
  return (
    <section class="lines">
      <p class="to-everybody">{mayHost(you?.role) ? w.warning : w.hint}</p>
      {lines.length === 0 && <p class="muted">{w.empty}</p>}
      <ol class="entries" aria-label={w.list}>
        {lines.map((line) => (
          <LineOf key={line.seq} line={line} session={session} />
        ))}
        <li ref={end} class="end" aria-hidden="true" />
      </ol>
      {mayTakePart(you?.role) && <Composer room={room} session={session} />}
    </section>
  );
}

function LineOf({ line, session }: { line: Line; session: Session }) {
  const { participant_id, name, at, text } = line;
  return (
    <li>
      <time class="muted" dateTime={at} title={when(at)}>
        {sinceStart(session, at)}
      </time>
      <span>
        <PersonName person={{ participant_id, name, role: "observer" }} />
        <span class="line-text">{text}</span>
      </span>
    </li>
  );
}

function Composer({ room, session }: { room: Room; session: Session }) {
  const w = wrapUpWords().lines;
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const people = useValue(room.people);
  const you = useValue(room.you);
  const readers = people.filter(({ participant_id }) => participant_id !== you?.participant_id);
  const { busy, problem, submit } = useSubmit(async () => {
    if (!text.trim()) return;
    field.current?.focus(); // the button takes no key while there is nothing to send
    await api.say(session.session_id, text.trim());
    setText(""); // until then what was typed stays
  });
  return (
    <form class="composer composer-everybody" onSubmit={(event) => void submit(event)}>
      <label>
        {w.write}
        <textarea
          ref={field}
          name="text"
          rows={3}
          maxLength={2000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void submit(event);
          }}
        />
      </label>
      <Trouble text={problem} />
      <span class="row-actions">
        <button type="submit" class="primary" disabled={busy || !text.trim()}>
          {w.send}
        </button>
        <span class="muted">
          {readers.length > 0
            ? w.readers(readers.map(({ name }) => name).join(", "))
            : saidAlone(session)}
        </span>
      </span>
    </form>
  );
}
