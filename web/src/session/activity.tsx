/** What happens beside the text, newest first: runs, large pastes, time away; the same list for both sides. */
import { useEffect, useState } from "preact/hooks";
import { api, type Session, type Signal, type TimelineEntry } from "../api";
import { useValue } from "../observable";
import { span, t, when } from "../words";
import type { Room } from "./room";
import { panelWords } from "../words/panels";

const SHOWN = 200;

export function Activity({ room, session }: { room: Room; session: Session }) {
  const signals = useValue(room.signals);
  const run = useValue(room.program.run);
  useValue(room.names.known);
  const [runs, setRuns] = useState<readonly TimelineEntry[]>([]);
  const runId = run?.run_id;
  useEffect(() => {
    let gone = false;
    api.timeline(session.session_id, 0, "run.started").then(
      (found) => {
        if (!gone) setRuns(found);
      },
      () => undefined, // the list is shown without runs until the server answers again
    );
    return () => {
      gone = true;
    };
  }, [session.session_id, runId]);
  const you = useValue(room.you);
  const explained = new Map(
    signals
      .filter(({ kind }) => kind === "explained")
      .map(({ data }) => [data.of as number, String(data.text)]),
  );
  const entries = [...signals.filter(({ kind }) => kind !== "explained"), ...runs]
    .sort((one, other) => other.seq - one.seq)
    .slice(0, SHOWN);
  return (
    <section class="activity">
      <a href={`/s/${session.session_id}/replay`} target="_blank" rel="noreferrer">
        {t.openReplay}
      </a>
      {session.signals !== "none" && !session.is_rehearsal && (
        <p class="muted">{panelWords().activity.sameForAll}</p>
      )}
      {entries.length === 0 && <p class="muted">{panelWords().activity.empty}</p>}
      <ol class="entries" aria-label={panelWords().activity.list}>
        {entries.map((entry) => (
          <li key={entry.seq}>
            <time class="muted" dateTime={entry.at} title={when(entry.at)}>
              {sinceStart(session, entry.at)}
            </time>
            <span>
              {textOf(room, entry)}
              {explained.has(entry.seq) && (
                <span class="said">
                  {panelWords().activity.said(explained.get(entry.seq) ?? "")}
                </span>
              )}
              {entry.kind !== "run.started" &&
                !explained.has(entry.seq) &&
                entry.participant_id === you?.participant_id && (
                  <SayWhy room={room} signal={entry as Signal} />
                )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How far into the session an instant is: "0:14:02". */
export function sinceStart(session: Session, instant: string): string {
  return span(
    (Date.parse(instant) - Date.parse(session.clock_started_at ?? session.created_at)) / 1000,
  );
}

function textOf(room: Room, { kind, participant_id, data }: TimelineEntry | Signal): string {
  const name = room.nameOf(participant_id);
  const w = panelWords().activity;
  if (kind === "run.started") return w.ran(name, String(data.path));
  if (kind === "away")
    return data.away ? w.left(name) : w.back(name, span(Number(data.seconds ?? 0)));
  const source = w.sources[data.source as keyof typeof w.sources] ?? "";
  const what = w.paste(name, Number(data.characters), Number(data.lines), String(data.path));
  return `${what}: ${source}`;
}

function SayWhy({ room, signal }: { room: Room; signal: Signal }) {
  const [writing, setWriting] = useState(false);
  const [text, setText] = useState("");
  if (!writing)
    return (
      <button type="button" class="quiet" onClick={() => setWriting(true)}>
        {panelWords().activity.sayWhy}
      </button>
    );
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        const said = text.trim();
        if (!said || room.ask({ type: "signal.explain", seq: signal.seq, text: said }))
          setWriting(false);
      }}
    >
      <input
        value={text}
        maxLength={500}
        aria-label={panelWords().activity.why}
        placeholder={panelWords().activity.why}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">{panelWords().activity.say}</button>
    </form>
  );
}
