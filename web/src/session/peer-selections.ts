/** What others have selected, over the code as they see it: a line's end and an empty line are part of it. */
import { EditorSelection, type Extension } from "@codemirror/state";
import { type EditorView, layer, RectangleMarker } from "@codemirror/view";

export interface PeerSelection {
  anchor: number;
  head: number;
  color: number;
}

/** Show selections; `find` returns them as they are now. */
export function peerSelections(find: () => readonly PeerSelection[]): Extension {
  const markers = (view: EditorView) =>
    find().flatMap(({ anchor, head, color }) => {
      if (anchor === head) return [];
      const { length } = view.state.doc;
      const range = EditorSelection.range(Math.min(anchor, length), Math.min(head, length));
      return RectangleMarker.forRange(view, `peer-selection peer-${color}`, range);
    });
  return layer({ above: true, class: "peer-selections", update: () => true, markers });
}
