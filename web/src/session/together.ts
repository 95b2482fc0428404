/**
 * Looking together: who follows whom, what somebody points at.
 *
 * Two presence fields beside the cursor: `view` is the file and the line at the top of somebody's window, `point` what
 * they point at, for a moment. Positions are relative, so that they stay where they belong while others type.
 */
import type { EditorView } from "@codemirror/view";
import * as Y from "yjs";
import { Observable } from "../observable";
import type { Room } from "./room";

export const POINT_MS = 3000;
const VIEW_MS = 250;
const GATHER_MS = 1500;

/** A place to show: a file, and where in it; `middle` puts it in the middle of the window. */
export interface Look {
  path: string;
  position: number;
  middle: boolean;
}

export interface Presence {
  user?: { id?: string; name?: string };
  cursor?: { anchor: unknown; head: unknown } | null;
  view?: { path?: unknown; top?: unknown } | null;
  point?: { path?: unknown; from?: unknown; to?: unknown; turn?: unknown } | null;
}

export class Together {
  /** Whom this person follows. */
  readonly following = new Observable<string | null>(null);
  readonly look = new Observable<Look | null>(null);
  #turn = 0;
  #gathering: { who: string | null; until: number } = { who: null, until: 0 };
  #telling: { path: string; view: EditorView } | null = null;
  #viewTimer: ReturnType<typeof setTimeout> | undefined;
  #pointTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #stops: (() => void)[];

  constructor(private readonly room: Room) {
    const onPresence = () => this.#follow();
    room.awareness.on("change", onPresence);
    this.#stops = [
      () => room.awareness.off("change", onPresence),
      this.following.subscribe(() => this.#follow()),
      room.gathered.subscribe(() => {
        const who = room.gathered.get()?.participantId ?? null;
        if (who === null || who === room.you.get()?.participant_id) return;
        this.#gathering = { who, until: Date.now() + GATHER_MS };
        this.#show(who);
      }),
      room.people.subscribe(() => {
        const who = this.following.get();
        if (who !== null && !room.people.get().some((person) => person.participant_id === who))
          this.following.set(null);
      }),
    ];
  }

  destroy(): void {
    clearTimeout(this.#viewTimer);
    clearTimeout(this.#pointTimer);
    for (const stop of this.#stops) stop();
  }

  /** Tell the others where this window is in `path`. */
  tellView(path: string, view: EditorView): void {
    this.#telling = { path, view };
    this.#viewTimer ??= setTimeout(() => {
      this.#viewTimer = undefined;
      if (this.#telling === null) return;
      const { path, view } = this.#telling;
      if (!view.dom.isConnected || this.room.awareness.getLocalState() === null) return;
      const top = view.lineBlockAtHeight(Math.max(view.scrollDOM.scrollTop, 0)).from;
      this.room.awareness.setLocalStateField("view", { path, top: relative(this.room.text(path), top) });
    }, VIEW_MS);
  }

  /** Show the others a place, for a moment. */
  point(path: string, from: number, to: number): void {
    const text = this.room.text(path);
    const point = { path, from: relative(text, from), to: relative(text, to), turn: ++this.#turn };
    this.room.awareness.setLocalStateField("point", point);
    clearTimeout(this.#pointTimer);
    this.#pointTimer = setTimeout(() => {
      if (this.room.awareness.getLocalState() !== null) this.room.awareness.setLocalStateField("point", null);
    }, POINT_MS);
  }

  #follow(): void {
    const { who: gathered, until } = this.#gathering;
    // Where they are is told beside the request, and may come a moment after it.
    const who = Date.now() < until ? gathered : this.following.get();
    if (who !== null) this.#show(who);
  }

  /** Go where somebody is: to the top of their window, or to their caret. */
  #show(participantId: string): void {
    for (const raw of this.room.awareness.getStates().values()) {
      const state = raw as Presence;
      if (state.user?.id !== participantId) continue;
      const path = state.view?.path;
      if (typeof path !== "string" || !this.room.files.has(path)) continue;
      const text = this.room.text(path);
      const caret = absolute(state.cursor?.head, text);
      const top = absolute(state.view?.top, text);
      const position = caret ?? top;
      if (position !== null) this.look.set({ path, position, middle: caret !== null });
      return;
    }
  }
}

export function relative(text: Y.Text, index: number): unknown {
  return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));
}

/** Where a relative position is in `text` now; null when it is not in it, or nonsense: presence is what a peer sends. */
export function absolute(json: unknown, text: Y.Text): number | null {
  if (json === null || json === undefined || text.doc === null) return null;
  try {
    const found = Y.createAbsolutePositionFromRelativePosition(
      Y.createRelativePositionFromJSON(json),
      text.doc,
    );
    return found?.type === text ? Math.min(found.index, text.length) : null;
  } catch {
    return null;
  }
}
