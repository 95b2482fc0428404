/** What this page tells of itself: how its connection is, whether somebody is at it. The server passes it on. */
import { awayAfter } from "./attention";
import type { Room } from "./room";

const EVERY_MS = 5000;
const AT_ONCE_MS = 1500;

/** Tell the interviewers how this connection is, now and then and when it changes; return how to stop. */
export function reportConnection(room: Room): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  let told = -1;
  const tell = () => {
    const link = room.link.get();
    if (link.state !== "online") return;
    told = room.unsaved.get();
    room.send({ type: "report", unsaved: told, round_trip_ms: link.roundTripMs });
  };
  const changed = () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      if (room.unsaved.get() !== told) tell();
    }, AT_ONCE_MS);
  };
  const timer = setInterval(tell, EVERY_MS);
  const stops = [room.unsaved.subscribe(changed), room.link.subscribe(changed)];
  return () => {
    clearInterval(timer);
    clearTimeout(soon);
    for (const stop of stops) stop();
  };
}

/** Tell everybody when this person leaves the page and comes back, where the session's policy says so. */
export function reportAbsence(room: Room): () => void {
  let leftAt: number | null = null;
  const applies = () => room.shownSignals.get() === "all" && room.you.get()?.role !== "observer";
  return awayAfter((away) => {
    if (!applies() || room.link.get().state !== "online") return;
    if (away) leftAt = Date.now();
    else if (leftAt === null) return;
    const seconds = away || leftAt === null ? null : Math.round((Date.now() - leftAt) / 1000);
    room.send({ type: "away", away, seconds });
    if (!away) leftAt = null;
  });
}
