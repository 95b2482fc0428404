/** What was written and not looked at yet: lines to everybody, and for interviewers the others' notes and chat. */
import { useEffect, useState } from "preact/hooks";
import { api, type Line, type PrivateEntry } from "../api";
import { recall, remember } from "../remembered";
import { Observable } from "../observable";
import type { Room } from "./room";
import { mayHost } from "./roles";

export type Place = "lines" | "notes";

/** How many of somebody else's came after what was seen last. */
export function unseenIn(
  entries: readonly { seq: number; participant_id: string }[],
  seen: number,
  you: string | undefined,
): number {
  return entries.filter(({ seq, participant_id }) => seq > seen && participant_id !== you).length;
}

export class Unseen {
  readonly lines = new Observable(0);
  readonly notes = new Observable(0);
  readonly #of: Record<Place, readonly (Line | PrivateEntry)[]> = { lines: [], notes: [] };
  readonly #seen: Record<Place, number>;
  readonly #stops: (() => void)[];
  #looking: Place | null = null;
  #asked = false;

  constructor(
    private readonly room: Room,
    private readonly sessionId: string,
  ) {
    this.#seen = { lines: this.#kept("lines"), notes: this.#kept("notes") };
    const onLines = () => this.#show("lines", room.lines.get());
    this.#stops = [
      room.lines.subscribe(onLines),
      room.you.subscribe(() => {
        onLines();
        this.#askForNotes();
      }),
      room.link.subscribe(() => this.#askForNotes()),
      room.noted.subscribe(() => {
        const entry = room.noted.get();
        if (entry) this.#show("notes", [...this.#of.notes, entry]);
      }),
    ];
    onLines();
    this.#askForNotes();
  }

  /** Somebody looks at a place, or at none. */
  look(place: Place | null): void {
    this.#looking = place;
    if (place) this.#show(place, this.#of[place]);
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
  }

  /** After each time without connection: what was written meanwhile was told to nobody here. */
  #askForNotes(): void {
    if (this.room.link.get().state !== "online") {
      this.#asked = false;
      return;
    }
    if (this.#asked || !mayHost(this.room.you.get()?.role)) return;
    this.#asked = true;
    api.notes(this.sessionId, this.#seen.notes).then(
      (found) => this.#show("notes", found),
      () => undefined, // the notes themselves say so when they are opened
    );
  }

  #show(place: Place, entries: readonly (Line | PrivateEntry)[]): void {
    const written = entries.filter(
      (each) => !("kind" in each) || each.kind === "note" || each.kind === "chat",
    );
    this.#of[place] = written;
    if (this.#looking === place) {
      this.#seen[place] = Math.max(this.#seen[place], ...written.map(({ seq }) => seq));
      remember(this.#name(place), String(this.#seen[place]));
    }
    this[place].set(unseenIn(written, this.#seen[place], this.room.you.get()?.participant_id));
    this.room.unseen.set(this.lines.get() + this.notes.get());
  }

  #kept(place: Place): number {
    return Number(recall(this.#name(place))) || 0;
  }

  #name(place: Place): string {
    return `pizarra.seen.${place}.${this.sessionId}`;
  }
}

/** What is unseen in a room; how much of it there is, the room knows. */
export function useUnseen(room: Room, sessionId: string): Unseen | null {
  const [unseen, setUnseen] = useState<Unseen | null>(null);
  useEffect(() => {
    const made = new Unseen(room, sessionId);
    setUnseen(made);
    return () => made.destroy();
  }, [room, sessionId]);
  return unseen;
}
