/** Who is here. */
import type { Person, Role, Session } from "../api";
import { useValue } from "../observable";
import { colorOf } from "./colors";
import { Controls, PersonActions, WaitingRoom } from "./hosting";
import type { Room } from "./room";

const SHOWN = 3;

/** Whether a role looks after the session. */
export function mayHost(role: Role | undefined): boolean {
  return role === "host" || role === "interviewer";
}

export function PeopleLine({ room }: { room: Room }) {
  const people = useValue(room.people);
  if (people.length === 0) return null;
  const rest = people.length - SHOWN;
  return (
    <span class="people-line" title={people.map((person) => person.name).join(", ")}>
      {people.slice(0, SHOWN).map((person) => (
        <PersonName key={person.participant_id} person={person} />
      ))}
      {rest > 0 && <span class="muted">+{rest}</span>}
    </span>
  );
}

function PersonName({ person }: { person: Person }) {
  return (
    <span class={`person peer-${colorOf(person.participant_id)}`}>
      <span class="peer-dot" aria-hidden="true" />
      {person.name}
    </span>
  );
}

export function PeoplePanel({ room, session }: { room: Room; session: Session }) {
  const people = useValue(room.people);
  const you = useValue(room.you);
  const waiting = useValue(room.waiting);
  const hosting = mayHost(you?.role);
  return (
    <section class="people" aria-label="People">
      {hosting && <WaitingRoom room={room} session={session} />}
      <h2>People</h2>
      <ul>
        {people.map((person) => {
          const self = person.participant_id === you?.participant_id;
          // Who came by an invitation can be changed; the host and their colleagues with accounts cannot.
          const changeable = hosting && !self && (person.role === "candidate" || person.role === "observer");
          return (
            <li key={person.participant_id}>
              <PersonName person={person} />
              {changeable ? (
                <PersonActions person={person} session={session} />
              ) : (
                <span class="muted">
                  {person.role}
                  {self ? ", you" : ""}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {people.length === 1 && waiting.length === 0 && (
        <p class="muted">Nobody else is here yet. Copy the link and send it.</p>
      )}
      {hosting && <Controls room={room} session={session} />}
      <p class="recording">
        Recorded: edits, runs and their output, joins and leaves, with their time and author.
      </p>
    </section>
  );
}
