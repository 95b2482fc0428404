/** The tests beside the editor: read again whenever the interviewers' log has something new. */
import type { Session } from "../api";
import { Tests } from "./tests";
import { useValue } from "../observable";
import { sinceStart } from "../session/activity";
import type { Room } from "../session/room";

export function TestsPanel({ room, session }: { room: Room; session: Session }) {
  const noted = useValue(room.noted);
  const link = useValue(room.link);
  return (
    <Tests
      sessionId={session.session_id}
      form={useValue(room.problem)?.kind ?? null}
      turn={`${noted?.seq} ${link.state}`}
      clock={({ time }) => (time === null ? "–" : sinceStart(session, time))}
      now={null}
      onGo={(at) => open(`/s/${session.session_id}/replay#t=${at}`, "_blank", "noreferrer")}
    />
  );
}
