/** The people in the bar: three by name, each a way to follow them. */
import type { ComponentChildren } from "preact";
import type { Person } from "../api";
import { useValue } from "../observable";
import { t } from "../words";
import { colorOf } from "./colors";
import type { Room } from "./room";
import type { Follow } from "./follow";

const SHOWN = 3;

export function PeopleLine({ room, follow }: { room: Room; follow: Follow }) {
  const people = useValue(room.people);
  const you = useValue(room.you);
  if (people.length === 0) return null;
  const rest = people.length - SHOWN;
  return (
    <span class="people-line" title={people.map((person) => person.name).join(", ")}>
      {people.slice(0, SHOWN).map((person) =>
        person.participant_id === you?.participant_id ? (
          <PersonName key={person.participant_id} person={person} />
        ) : (
          <FollowButton key={person.participant_id} person={person} follow={follow}>
            <PersonName person={person} />
          </FollowButton>
        ),
      )}
      {rest > 0 && <span class="muted">+{rest}</span>}
    </span>
  );
}

interface FollowProps {
  person: Person;
  follow: Follow;
  children: ComponentChildren;
}

export function FollowButton({ person, follow, children }: FollowProps) {
  const following = useValue(follow.following) === person.participant_id;
  const over = useValue(follow.room.over);
  return (
    <button
      type="button"
      class="quiet follow"
      disabled={over}
      aria-pressed={following}
      aria-label={t.people.follow(person.name)}
      title={t.people.follow(person.name)}
      onClick={() => follow.following.set(following ? null : person.participant_id)}
    >
      {children}
    </button>
  );
}

export function PersonName({ person }: { person: Person }) {
  return (
    <span class={`person peer-${colorOf(person.participant_id)}`}>
      <span class="peer-dot" aria-hidden="true" />
      <span class="person-name" title={person.name}>
        {person.name}
      </span>
    </span>
  );
}
