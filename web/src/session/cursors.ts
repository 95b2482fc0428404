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
  WidgetType,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import { t } from "../words";
import { colorOf } from "./colors";
import { absolute, type Presence, relative } from "./together";

export class CaretWidget extends WidgetType {
  constructor(
    readonly name: string,
    readonly color: number,
    readonly at: number,
  ) {
    super();
  }

  // A caret that moved is a new element: its name shows again for a while, then leaves the code alone.
  override eq(other: CaretWidget): boolean {
    return other.name === this.name && other.color === this.color && other.at === this.at;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `peer-caret peer-${this.color}`;
    const label = document.createElement("span");
    label.className = "peer-name";
    label.textContent = this.name;
    caret.append("\u2060", label, "\u2060");
    return caret;
  }

  override get estimatedHeight(): number {
    return -1;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

/** Show the others' carets in `text`, and tell them ours. */
export function peerCursors(path: string, text: Y.Text, awareness: Awareness): Extension {
  const plugin = ViewPlugin.fromClass(
    class {
      decorations: DecorationSet = RangeSet.of([]);
      readonly #onChange: (change: { added: number[]; updated: number[]; removed: number[] }) => void;

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
        this.decorations = this.#showOthers();
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

      #showOthers(): DecorationSet {
        const ranges: Range<Decoration>[] = [];
        awareness.getStates().forEach((raw, clientId) => {
          const state = raw as Presence;
          const color = colorOf(String(state.user?.id ?? clientId));
          const point = pointed(state, path, text);
          if (point) {
            // A new turn is a new element: the mark fades from the beginning.
            const turn = Number(state.point?.turn) % 2 === 0 ? "even" : "odd";
            const mark = Decoration.mark({ class: `peer-point peer-point-${turn} peer-${color}` });
            ranges.push(mark.range(point.from, point.to));
          }
          if (clientId === awareness.clientID || !state.cursor) return;
          const anchor = absolute(state.cursor.anchor, text);
          const head = absolute(state.cursor.head, text);
          if (anchor === null || head === null) return;
          const name = String(state.user?.name ?? t.files.nameless).slice(0, 40);
          if (anchor !== head) {
            const mark = Decoration.mark({ class: `peer-selection peer-${color}` });
            ranges.push(mark.range(Math.min(anchor, head), Math.max(anchor, head)));
          }
          const widget = new CaretWidget(name, color, head);
          ranges.push(Decoration.widget({ widget, side: head > anchor ? -1 : 1 }).range(head));
        });
        return Decoration.set(ranges, true);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
  return plugin;
}

/** What somebody points at in this file now: at least one character, so that it can be seen. */
function pointed(state: Presence, path: string, text: Y.Text): { from: number; to: number } | null {
  if (!state.point || state.point.path !== path) return null;
  const from = absolute(state.point.from, text);
  const to = absolute(state.point.to, text);
  return from !== null && to !== null && from < to ? { from, to } : null;
}
