/** What everybody, or this person, must know of the session just now: below the code, where nothing moves for it. */
import type { Session } from "../api";
import { Lazy } from "../lazy";
import { useValue } from "../observable";
import { copy } from "../toast";
import { t } from "../words";
import { mayHost } from "./roles";
import type { Room } from "./room";

const unsent = async () => (await import("./unsent")).Unsent;
const branchBanner = async () => (await import("./notices")).BranchBanner;
const rehearsalBanner = async () => (await import("./notices")).RehearsalBanner;
const thinkingBanner = async () => (await import("./thinking")).ThinkingBanner;

interface BannersProps {
  room: Room;
  session: Session;
  role: Session["your_role"];
  /** How many milliseconds of private thinking are left. */
  thinking: number;
}

export function Banners({ room, session, role, thinking }: BannersProps) {
  const waiting = useValue(room.withheld.parts);
  const branch = useValue(room.branch);
  const candidate = role === "candidate";
  return (
    <section class="banners" aria-label={t.session.notices}>
      {waiting.map((part) => (
        <Lazy
          key={part.why}
          quiet
          load={unsent}
          with={{ ...part, onThrownAway: () => void room.withheld.look() }}
        />
      ))}
      <ClosedBanner room={room} keepsNothing={waiting.length === 0} />
      {candidate && <LockBanner room={room} />}
      {branch && (
        <Lazy
          key="branch"
          quiet
          load={branchBanner}
          with={{ branch, session, hosting: mayHost(role) }}
        />
      )}
      {session.is_rehearsal && (
        <Lazy
          key="rehearsal"
          quiet
          load={rehearsalBanner}
          with={{ sessionId: session.session_id }}
        />
      )}
      {thinking > 0 && candidate && (
        <Lazy key="thinking" quiet load={thinkingBanner} with={{ room, left: thinking }} />
      )}
    </section>
  );
}

/** Why the server closed the connection for good. What waits to be sent has a way of its own to be copied. */
function ClosedBanner({ room, keepsNothing }: { room: Room; keepsNothing: boolean }) {
  const link = useValue(room.link);
  if (link.state !== "closed" || link.outOfStep) return null;
  return (
    <p class="banner" role="alert">
      {link.reason} {keepsNothing && t.session.copyThenReload}{" "}
      {keepsNothing && (
        <button type="button" onClick={() => void copy(room.files.everything(), t.links.text)}>
          {t.session.copyMyText}
        </button>
      )}{" "}
      <button type="button" onClick={() => location.reload()}>
        {t.session.reload}
      </button>
    </p>
  );
}

function LockBanner({ room }: { room: Room }) {
  const editing = useValue(room.editingLocked);
  const running = useValue(room.runningLocked);
  if (!editing && !running) return null;
  return (
    <p class="banner" role="status">
      {lockedText(editing, running)}
    </p>
  );
}

function lockedText(editing: boolean, running: boolean): string {
  if (editing && running) return t.session.lockedBoth;
  return editing ? t.session.lockedEditing : t.session.lockedRunning;
}
