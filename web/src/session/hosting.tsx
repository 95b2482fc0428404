/** What hosts and interviewers have beside the people: who waits, locks, links, roles. */
import { useState } from "preact/hooks";
import { type ApiError, api, type Person, type Role, type Session } from "../api";
import { useValue } from "../observable";
import { copy, toast } from "../toast";
import type { Room } from "./room";

async function attempt(action: () => Promise<unknown>, done?: string): Promise<void> {
  try {
    await action();
    if (done) toast(done);
  } catch (error) {
    toast((error as ApiError).message);
  }
}

export function WaitingRoom({ room, session }: { room: Room; session: Session }) {
  const waiting = useValue(room.waiting);
  if (waiting.length === 0) return null;
  const id = session.session_id;
  return (
    <section class="waiting" aria-label="Waiting room" aria-live="polite">
      <h2>Waiting to come in</h2>
      <ul>
        {waiting.map((person) => (
          <li key={person.participant_id}>
            <span>
              {person.name} <span class="muted">{person.role}</span>
            </span>
            <span class="row-actions">
              <button
                type="button"
                class="primary"
                onClick={() => void attempt(() => api.admit(id, person.participant_id))}
              >
                Let in
              </button>
              <button
                type="button"
                aria-label={`Turn ${person.name} away`}
                onClick={() => void attempt(() => api.removePerson(id, person.participant_id))}
              >
                Turn away
              </button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Controls({ room, session }: { room: Room; session: Session }) {
  const editing = useValue(room.editingLocked);
  const running = useValue(room.runningLocked);
  const [sure, setSure] = useState(false);
  const id = session.session_id;
  const invite = async (role: "interviewer" | "observer") =>
    attempt(async () =>
      copy((await api.invite(id, role)).url, role === "observer" ? "Observer link" : "Interviewer link"),
    );
  return (
    <section class="controls" aria-label="For you as host">
      <h2>Candidates</h2>
      <label class="check">
        <input
          type="checkbox"
          checked={editing}
          onChange={(event) =>
            void attempt(() => api.update(id, { editing_locked: event.currentTarget.checked }))
          }
        />
        Lock their editing
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={running}
          onChange={(event) =>
            void attempt(() => api.update(id, { running_locked: event.currentTarget.checked }))
          }
        />
        Lock their running
      </label>
      <h2>Links</h2>
      <div class="row-actions">
        <button type="button" onClick={() => void invite("interviewer")}>
          Copy interviewer link
        </button>
        <button type="button" onClick={() => void invite("observer")}>
          Copy observer link
        </button>
        {sure ? (
          <>
            <span class="muted">Everybody who came by a link is sent away.</span>
            <button
              type="button"
              class="danger"
              onClick={() =>
                void attempt(async () => {
                  const made = await api.rotate(id);
                  session.share_url = made.url;
                  setSure(false);
                  await copy(made.url, "New candidate link");
                })
              }
            >
              Replace all links
            </button>
            <button type="button" onClick={() => setSure(false)}>
              Keep them
            </button>
          </>
        ) : (
          <button type="button" onClick={() => setSure(true)}>
            Replace links…
          </button>
        )}
      </div>
    </section>
  );
}

const ROLES: Role[] = ["candidate", "observer", "interviewer"];

/** Another role for somebody, or the door. */
export function PersonActions({ person, session }: { person: Person; session: Session }) {
  const id = session.session_id;
  return (
    <span class="row-actions">
      <select
        aria-label={`Role of ${person.name}`}
        value={person.role}
        onChange={(event) =>
          void attempt(() => api.changeRole(id, person.participant_id, event.currentTarget.value as Role))
        }
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet"
        aria-label={`Remove ${person.name}`}
        title="Remove from the session"
        onClick={() =>
          void attempt(() => api.removePerson(id, person.participant_id), `${person.name} was removed`)
        }
      >
        ×
      </button>
    </span>
  );
}
