/** Who is here. */
import type { Person } from "../api";
import { useValue } from "../observable";
import { colorOf } from "./colors";
import type { Room } from "./room";

const SHOWN = 3;

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

export function PeoplePanel({ room }: { room: Room }) {
  const people = useValue(room.people);
  const you = useValue(room.you);
  return (
    <section class="people" aria-label="People">
      <h2>People</h2>
      <ul>
        {people.map((person) => (
          <li key={person.participant_id}>
            <PersonName person={person} />
            <span class="muted">
              {person.role}
              {person.participant_id === you?.participant_id ? ", you" : ""}
            </span>
          </li>
        ))}
      </ul>
      {people.length === 1 && <p class="muted">Nobody else is here yet. Copy the link and send it.</p>}
      <p class="recording">
        Recorded: edits, runs and their output, joins and leaves, with their time and author.
      </p>
    </section>
  );
}
