/** What hosts and interviewers have beside the people: who waits, locks, links, roles. */
import { type ApiError, api, type Person, type Role, type Session } from "../api";
import { useValue } from "../observable";
import { useSure } from "../sure";
import { copyLink, toast } from "../toast";
import { t } from "../words";
import type { Room } from "./room";
import { BranchControl } from "./branches";
import { ThinkingControl } from "./thinking";
import { panelWords } from "../words/panels";

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
    <section class="waiting" aria-label={panelWords().hosting.waitingLabel} aria-live="polite">
      <h2>{panelWords().hosting.waitingTitle}</h2>
      <ul>
        {waiting.map((person) => (
          <li key={person.participant_id}>
            <span>
              {person.name} <span class="muted">{t.roles[person.role]}</span>
            </span>
            <span class="row-actions">
              <button
                type="button"
                class="primary"
                onClick={() => void attempt(() => api.admit(id, person.participant_id))}
              >
                {panelWords().hosting.letIn}
              </button>
              <button
                type="button"
                aria-label={panelWords().hosting.turnAwayWho(person.name)}
                onClick={() => void attempt(() => api.removePerson(id, person.participant_id))}
              >
                {panelWords().hosting.turnAway}
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
  const { sure, setSure, opener, keep } = useSure();
  const id = session.session_id;
  const invite = async (role: "interviewer" | "observer") =>
    attempt(async () => copyLink((await api.invite(id, role)).url, t.links[role]));
  return (
    <section class="controls" aria-label={panelWords().hosting.label}>
      <h2>{panelWords().hosting.candidates}</h2>
      <label class="check">
        <input
          type="checkbox"
          checked={editing}
          onChange={(event) =>
            void attempt(() => api.update(id, { editing_locked: event.currentTarget.checked }))
          }
        />
        {panelWords().hosting.lockEditing}
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={running}
          onChange={(event) =>
            void attempt(() => api.update(id, { running_locked: event.currentTarget.checked }))
          }
        />
        {panelWords().hosting.lockRunning}
      </label>
      <h2>{panelWords().thinking.thinking}</h2>
      <ThinkingControl session={session} />
      <h2>{t.branches.label}</h2>
      <BranchControl room={room} session={session} />
      <h2>{panelWords().hosting.links}</h2>
      <div class="row-actions">
        <button type="button" onClick={() => void invite("interviewer")}>
          {panelWords().hosting.copyInterviewer}
        </button>
        <button type="button" onClick={() => void invite("observer")}>
          {panelWords().hosting.copyObserver}
        </button>
        {sure ? (
          <>
            <span class="muted" role="alert">
              {panelWords().hosting.everybodyLeaves}
            </span>
            <button
              type="button"
              class="danger"
              onClick={() =>
                void attempt(async () => {
                  const made = await api.rotate(id);
                  setSure(false);
                  await copyLink(made.url, t.links.newCandidate);
                })
              }
            >
              {panelWords().hosting.replaceAll}
            </button>
            <button type="button" ref={keep} onClick={() => setSure(false)}>
              {panelWords().hosting.keep}
            </button>
          </>
        ) : (
          <button type="button" ref={opener} onClick={() => setSure(true)}>
            {panelWords().hosting.replace}
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
        aria-label={panelWords().hosting.roleOf(person.name)}
        value={person.role}
        onChange={(event) =>
          void attempt(() =>
            api.changeRole(id, person.participant_id, event.currentTarget.value as Role),
          )
        }
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {t.roles[role]}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet"
        aria-label={panelWords().hosting.remove(person.name)}
        title={panelWords().hosting.removeTitle}
        onClick={() =>
          void attempt(
            () => api.removePerson(id, person.participant_id),
            panelWords().hosting.removed(person.name),
          )
        }
      >
        ×
      </button>
    </span>
  );
}
