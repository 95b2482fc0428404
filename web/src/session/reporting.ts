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

/**
 * Tell everybody when this person leaves the page and comes back, where the session's policy says so. The server counts the
 * time, over all windows of a person; a new connection is somebody who is here until its page says otherwise.
 */
export function reportAbsence(room: Room): () => void {
  let away = false;
  let online = room.link.get().state === "online";
  const tell = () => {
    const applies = room.shownSignals.get() === "all" && room.you.get()?.role !== "observer";
    if (applies && online) room.send({ type: "away", away, seconds: null });
  };
  const stops = [
    room.link.subscribe(() => {
      const was = online;
      online = room.link.get().state === "online";
      if (online && !was && away) tell();
    }),
    awayAfter((now) => {
      away = now;
      tell();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
