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
import * as Y from "yjs";
import { colorOf } from "./colors";

interface PresenceState {
  user?: { id?: string; name?: string };
  cursor?: { anchor: unknown; head: unknown } | null;
}

class CaretWidget extends WidgetType {
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
export function peerCursors(text: Y.Text, awareness: Awareness): Extension {
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
        const local = awareness.getLocalState() as PresenceState | null;
        if (local === null) return;
        if (!view.hasFocus) return; // where somebody last was is worth more than nothing
        const { anchor, head } = view.state.selection.main;
        const mine = {
          anchor: Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, anchor)),
          head: Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, head)),
        };
        if (JSON.stringify(local.cursor) !== JSON.stringify(mine))
          awareness.setLocalStateField("cursor", mine);
      }

      #showOthers(): DecorationSet {
        const ranges: Range<Decoration>[] = [];
        const doc = text.doc;
        if (doc === null) return RangeSet.of([]);
        awareness.getStates().forEach((raw, clientId) => {
          const state = raw as PresenceState;
          if (clientId === awareness.clientID || !state.cursor) return;
          const anchor = position(state.cursor.anchor, text, doc);
          const head = position(state.cursor.head, text, doc);
          if (anchor === null || head === null) return;
          const name = String(state.user?.name ?? "Somebody").slice(0, 40);
          const color = colorOf(String(state.user?.id ?? clientId));
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

function position(json: unknown, text: Y.Text, doc: Y.Doc): number | null {
  try {
    const relative = Y.createRelativePositionFromJSON(json);
    const absolute = Y.createAbsolutePositionFromRelativePosition(relative, doc);
    return absolute?.type === text ? Math.min(absolute.index, text.length) : null;
  } catch {
    return null; // presence is whatever a peer sends
  }
}
