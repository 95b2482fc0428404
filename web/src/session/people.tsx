/** Who is here, and, for those who look after the session, how everybody's connection is. */
import { useEffect, useState } from "preact/hooks";
import { api, type Session } from "../api";
import { useValue } from "../observable";
import { span, t } from "../words";
import { panelWords } from "../words/panels";
import { type Connection, type Gone, SILENT_MS } from "./connections";
import { Controls, PersonActions, WaitingRoom } from "./hosting";
import { FollowButton, PersonName } from "./people-line";
import { mayHost } from "./roles";
import { useNow } from "./now";
import type { Room } from "./room";
import type { Follow } from "./follow";

function ConnectionOf({ connection }: { connection: Connection | undefined }) {
  const now = useNow();
  if (connection === undefined) return <span class="connection" />;
  const silence = now - connection.at;
  if (silence > SILENT_MS)
    return (
      <span class="connection tone-bad">{panelWords().people.silent(span(silence / 1000))}</span>
    );
  if (connection.unsaved > 0)
    return (
      <span class="connection tone-warn">{panelWords().people.unsaved(connection.unsaved)}</span>
    );
  if (connection.roundTripMs === null) return <span class="connection" />;
  return <span class="connection muted">{t.tookMs(connection.roundTripMs)}</span>;
}

function GoneSince({ since }: { since: number }) {
  return <span class="tone-bad">{panelWords().people.gone(span((useNow() - since) / 1000))}</span>;
}

/** Who of those that are gone cannot come back: they were removed, or what let them in is over. */
function useOut({ session_id }: Session, gone: readonly Gone[], hosting: boolean) {
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (!hosting || gone.length === 0) return;
    let isOver = false;
    api.people(session_id).then(
      (people) => {
        const those = people.filter(({ state }) => state === "out");
        if (!isOver) setOut(new Set(those.map(({ participant_id }) => participant_id)));
      },
      () => undefined, // asked again when somebody comes or goes
    );
    return () => {
      isOver = true;
    };
  }, [session_id, gone, hosting]);
  return out;
}

/** Who is away from the page now: their newest word on it. */
function useAway(room: Room): ReadonlySet<string> {
  const away = new Set<string>();
  for (const signal of useValue(room.signals)) {
    if (signal.kind !== "away") continue;
    if (signal.data.away === true) away.add(signal.participant_id);
    else away.delete(signal.participant_id);
  }
  return away;
}

/** What fits whoever is here by themselves: only a host has a link to send. */
export function saidAlone({ is_rehearsal, your_role }: Session): string {
  if (is_rehearsal) return panelWords().people.aloneRehearsing;
  return mayHost(your_role) ? panelWords().people.alone : panelWords().people.aloneInvited;
}

function saidRecorded({ is_rehearsal, signals }: Session): string {
  if (is_rehearsal) return panelWords().people.notKept;
  return [
    panelWords().people.recorded,
    signals !== "none" && panelWords().people.recordedPastes,
    signals === "all" && panelWords().people.recordedAway,
  ]
    .filter(Boolean)
    .join(" ");
}

interface PanelProps {
  room: Room;
  follow: Follow;
  session: Session;
}

export function PeoplePanel({ room, follow, session }: PanelProps) {
  const people = useValue(room.people);
  const you = useValue(room.you);
  const waiting = useValue(room.waiting);
  const connections = useValue(room.connections.of);
  const gone = useValue(room.connections.gone);
  const away = useAway(room);
  const over = useValue(room.over);
  const hosting = mayHost(you?.role) && !over;
  const out = useOut(session, gone, hosting);
  if (you === null) return <p class="loading muted">{t.loading}</p>;
  return (
    <section class="people" aria-label={panelWords().people.label}>
      {hosting && <WaitingRoom room={room} session={session} />}
      <ul>
        {people.map((person) => {
          const self = person.participant_id === you?.participant_id;
          // Who came by an invitation can be changed; the host and their colleagues with accounts cannot.
          const changeable =
            hosting && !self && (person.role === "candidate" || person.role === "observer");
          return (
            <li key={person.participant_id}>
              <span class="who">
                <PersonName person={person} />
                {!changeable && (
                  <span class="muted">
                    {t.roles[person.role]}
                    {self ? `, ${panelWords().people.you}` : ""}
                  </span>
                )}
                {hosting && !self && (
                  <ConnectionOf connection={connections.get(person.participant_id)} />
                )}
                {away.has(person.participant_id) && (
                  <span class="tone-warn">{panelWords().people.away}</span>
                )}
              </span>
              {!self && (
                <span class="row-actions">
                  <FollowButton person={person} follow={follow}>
                    {panelWords().people.followShort}
                  </FollowButton>
                  {changeable && <PersonActions person={person} session={session} />}
                </span>
              )}
            </li>
          );
        })}
        {hosting &&
          gone.map(({ person, since }) => (
            <li key={person.participant_id}>
              <span class="who">
                <PersonName person={person} />
                {out.has(person.participant_id) ? (
                  <span class="muted">{panelWords().people.out}</span>
                ) : (
                  <GoneSince since={since} />
                )}
              </span>
            </li>
          ))}
      </ul>
      {people.length === 1 && waiting.length === 0 && gone.length === 0 && (
        <p class="muted">{saidAlone(session)}</p>
      )}
      {hosting && people.length > 1 && (
        <button type="button" onClick={() => room.ask({ type: "gather" })}>
          {panelWords().people.gather}
        </button>
      )}
      {hosting && <Controls room={room} session={session} />}
      {session.rules && (
        <p class="recording">
          <strong>{panelWords().people.rules}</strong> {session.rules}
        </p>
      )}
      <p class="recording">{saidRecorded(session)}</p>
    </section>
  );
}
