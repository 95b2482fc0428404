/** What this page tells of itself: how its connection is, whether somebody is at it. The server passes it on. */
import type { Signal } from "../api";
import { awayAfter } from "./attention";
import type { Paste } from "./told-paste";
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

/**
 * Tell everybody of large pastes. What was sent on a connection that is lost may never have been heard: what the server has
 * not told of when it welcomes this page back is sent again.
 */
export function reportPastes(
  room: Pick<Room, "untold" | "signals" | "you" | "link" | "send">,
): () => void {
  let welcome = room.you.get() !== null && room.link.get().state !== "offline";
  let heard = room.signals.get().at(-1)?.seq ?? 0;
  const sent = new Set<Paste>();
  const tell = () => {
    if (!welcome) return;
    for (const paste of room.untold.get()) {
      if (!sent.has(paste)) room.send({ type: "paste", ...paste });
      sent.add(paste);
    }
  };
  const hear = () => {
    const untold = [...room.untold.get()];
    for (const { seq, kind, participant_id, data } of room.signals.get()) {
      if (seq <= heard) continue;
      heard = seq;
      if (kind !== "paste" || participant_id !== room.you.get()?.participant_id) continue;
      const at = untold.findIndex((paste) => isSame(paste, data));
      if (at >= 0) untold.splice(at, 1);
    }
    room.untold.set(untold);
  };
  const stops = [
    room.link.subscribe(() => {
      if (room.link.get().state === "online") return;
      welcome = false;
      sent.clear();
    }),
    room.signals.subscribe(hear),
    // A welcome says last who one is: by then its signals are here.
    room.you.subscribe(() => {
      welcome = true;
      tell();
    }),
    room.untold.subscribe(tell),
  ];
  tell();
  return () => {
    for (const stop of stops) stop();
  };
}

function isSame(paste: Paste, data: Signal["data"]): boolean {
  const keys = ["path", "characters", "lines", "source"] as const;
  return keys.every((key) => paste[key] === data[key]);
}
