/** What this page tells of itself: how its connection is, whether somebody is at it. The server passes it on. */
import type { Signal } from "../api";
import { recall, remember } from "../remembered";
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

/** Whose large pastes the server has not told of yet, and up to which entry it was heard. */
interface Kept {
  person: string | undefined;
  heard: number;
  untold: readonly Paste[];
}

const keptIn = (roomId: string) => `pizarra.untold.${roomId}`;

function kept(roomId: string): Kept | null {
  try {
    return JSON.parse(recall(keptIn(roomId)) || "null") as Kept | null;
  } catch {
    return null; // somebody else's
  }
}

/**
 * Tell everybody of large pastes. What was sent on a connection that is lost may never have been heard: what the server has
 * not told of when it welcomes this page back is sent again, also by a page that was closed in between, as what was typed
 * is.
 */
export function reportPastes(
  room: Pick<Room, "roomId" | "untold" | "signals" | "you" | "link" | "send">,
): () => void {
  let welcome = room.you.get() !== null && room.link.get().state !== "offline";
  let heard = room.signals.get().at(-1)?.seq ?? 0;
  let before = kept(room.roomId);
  const sent = new Set<Paste>();
  let keeps = before !== null; // another window may keep its own
  const keep = () => {
    const untold = room.untold.get();
    if (before || (untold.length === 0 && !keeps)) return;
    keeps = untold.length > 0;
    const all: Kept = { person: room.you.get()?.participant_id, heard, untold };
    remember(keptIn(room.roomId), untold.length > 0 ? JSON.stringify(all) : "");
  };
  const takeKept = () => {
    const { person, untold = [], heard: upTo = heard } = before ?? {};
    before = null;
    if (person !== room.you.get()?.participant_id) return keep();
    heard = Math.min(heard, upTo);
    hear([...untold, ...room.untold.get()]);
  };
  const tell = () => {
    if (!welcome) return;
    for (const paste of room.untold.get()) {
      if (!sent.has(paste)) room.send({ type: "paste", ...paste });
      sent.add(paste);
    }
  };
  const hear = (all = room.untold.get()) => {
    const untold = [...all];
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
    room.signals.subscribe(() => hear()),
    // A welcome says last who one is: by then its signals are here.
    room.you.subscribe(() => {
      welcome = true;
      if (before) takeKept();
      tell();
    }),
    room.untold.subscribe(tell),
    room.untold.subscribe(keep),
  ];
  if (before && room.you.get()) takeKept();
  tell();
  return () => {
    for (const stop of stops) stop();
  };
}

function isSame(paste: Paste, data: Signal["data"]): boolean {
  const keys = ["path", "characters", "lines", "source"] as const;
  return keys.every((key) => paste[key] === data[key]);
}
