/**
 * Other people's carets and selections, named.
 *
 * y-codemirror.next has a plugin for this that colours with inline styles, which our content security policy forbids;
 * this one uses classes. The presence field is the same (`cursor`: relative anchor and head), so stock clients mix.
 */
import { type Extension, type Range, RangeSet } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { t } from "../words";
import { namedCarets } from "./carets";
import { colorOf } from "./colors";
import { absolute, type Presence, relative } from "./follow";
import type { PeerSelection } from "./peer-selections";

/** Show the others' carets, and what they point at, in `text`, and tell them ours. */
export function peerCursors(text: Y.Text, awareness: Awareness): Extension {
  const plugin = ViewPlugin.fromClass(
    class {
      decorations: DecorationSet = RangeSet.of([]);
      readonly #onChange: (change: {
        added: number[];
        updated: number[];
        removed: number[];
      }) => void;

      constructor(view: EditorView) {
        this.#onChange = ({ added, updated, removed }) => {
          const others = [...added, ...updated, ...removed].some((id) => id !== awareness.clientID);
          if (others) view.dispatch({});
        };
        awareness.on("change", this.#onChange);
      }

      destroy(): void {
        awareness.off("change", this.#onChange);
      }

      update(update: ViewUpdate): void {
        this.#tellOurs(update.view);
        this.decorations = this.#showPoints();
      }

      #tellOurs(view: EditorView): void {
        const local = awareness.getLocalState() as Presence | null;
        if (local === null) return;
        if (!view.hasFocus) return; // where somebody last was is worth more than nothing
        const { anchor, head } = view.state.selection.main;
        const mine = {
          anchor: relative(text, anchor),
          head: relative(text, head),
        };
        if (JSON.stringify(local.cursor) !== JSON.stringify(mine))
          awareness.setLocalStateField("cursor", mine);
      }

      #showPoints(): DecorationSet {
        const ranges: Range<Decoration>[] = [];
        awareness.getStates().forEach((raw, clientId) => {
          const state = raw as Presence;
          const color = colorOf(String(state.user?.id ?? clientId));
          const point = pointed(state, text);
          if (point) {
            // A new turn is a new element: the mark fades from the beginning.
            const turn = Number(state.point?.turn) % 2 === 0 ? "even" : "odd";
            const mark = Decoration.mark({ class: `peer-point peer-point-${turn} peer-${color}` });
            ranges.push(mark.range(point.from, point.to));
          }
        });
        return Decoration.set(ranges, true);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
  return [
    plugin,
    namedCarets(() => othersIn(text, awareness).map((other) => ({ ...other, at: other.head }))),
  ];
}

/** Who else is in this text, and what they have selected there. */
export function othersIn(text: Y.Text, awareness: Awareness): (PeerSelection & { name: string })[] {
  const others: (PeerSelection & { name: string })[] = [];
  awareness.getStates().forEach((raw, clientId) => {
    const { cursor, user } = raw as Presence;
    const [anchor, head] = [absolute(cursor?.anchor, text), absolute(cursor?.head, text)];
    if (clientId === awareness.clientID || anchor === null || head === null) return;
    const name = String(user?.name ?? t.files.nameless).slice(0, 40);
    others.push({ anchor, head, name, color: colorOf(String(user?.id ?? clientId)) });
  });
  return others;
}

/** What somebody points at in this text now: at least one character, so that it can be seen. */
function pointed(state: Presence, text: Y.Text): { from: number; to: number } | null {
  if (!state.point) return null;
  const from = absolute(state.point.from, text);
  const to = absolute(state.point.to, text);
  return from !== null && to !== null && from < to ? { from, to } : null;
}
