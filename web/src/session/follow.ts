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

/** A place to show: a text, and where in it; `middle` puts it in the middle of the window. */
export interface Look {
  name: string;
  position: number;
  middle: boolean;
  /** Who wants it to be seen, or is followed; null: this person. */
  who: string | null;
}

export interface Presence {
  user?: { id?: string; name?: string };
  cursor?: { anchor: unknown; head: unknown } | null;
  view?: { path?: unknown; top?: unknown } | null;
  point?: { path?: unknown; from?: unknown; to?: unknown; turn?: unknown } | null;
}

export class Follow {
  /** Whom this person follows. */
  readonly following = new Observable<string | null>(null);
  readonly look = new Observable<Look | null>(null);
  #turn = 0;
  #gathering: { who: string | null; until: number } = { who: null, until: 0 };
  #telling: { name: string; view: EditorView } | null = null;
  #viewTimer: ReturnType<typeof setTimeout> | undefined;
  #pointTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #stops: (() => void)[];

  constructor(readonly room: Room) {
    // Our own caret moves in the midst of an update of the editor, which could not scroll then.
    const onPresence = ({
      added,
      updated,
      removed,
    }: Record<"added" | "updated" | "removed", number[]>) => {
      if ([...added, ...updated, ...removed].some((id) => id !== room.awareness.clientID))
        this.#follow();
    };
    room.awareness.on("change", onPresence);
    this.#stops = [
      () => room.awareness.off("change", onPresence),
      this.following.subscribe(() => this.#follow()),
      room.over.subscribe(() => this.following.set(null)),
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

  /** Tell the others where this window is in a text. */
  tellView(name: string, view: EditorView): void {
    this.#telling = { name, view };
    this.#viewTimer ??= setTimeout(() => {
      this.#viewTimer = undefined;
      if (this.#telling === null) return;
      const { name, view } = this.#telling;
      if (!view.dom.isConnected || this.room.awareness.getLocalState() === null) return;
      const at = view.lineBlockAtHeight(Math.max(view.scrollDOM.scrollTop, 0)).from;
      const top = relative(this.room.files.text(name), at);
      this.room.awareness.setLocalStateField("view", { path: this.room.files.pathOf(name), top });
    }, VIEW_MS);
  }

  /** Show the others a place, for a moment. */
  point(name: string, from: number, to: number): void {
    const text = this.room.files.text(name);
    const path = this.room.files.pathOf(name);
    const point = { path, from: relative(text, from), to: relative(text, to), turn: ++this.#turn };
    this.room.awareness.setLocalStateField("point", point);
    clearTimeout(this.#pointTimer);
    this.#pointTimer = setTimeout(() => {
      if (this.room.awareness.getLocalState() !== null)
        this.room.awareness.setLocalStateField("point", null);
    }, POINT_MS);
  }

  #follow(): void {
    const { who: gathered, until } = this.#gathering;
    // Where they are is told beside the request, and may come a moment after it.
    const who = Date.now() < until ? gathered : this.following.get();
    if (who !== null) this.#show(who);
  }

  /** Go where somebody is: to their caret if it is in the file that they look at, or to the top of their window. */
  #show(participantId: string): void {
    for (const raw of this.room.awareness.getStates().values()) {
      const state = raw as Presence;
      if (state.user?.id !== participantId) continue;
      const { files } = this.room;
      const caret = files.locate(state.cursor?.head);
      const top = files.locate(state.view?.top);
      const atCaret = caret !== null && (top === null || top.name === caret.name);
      const place = atCaret ? caret : top;
      if (place === null || !files.isListed(place.name)) continue;
      this.look.set({
        name: place.name,
        position: place.index,
        middle: atCaret,
        who: participantId,
      });
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
