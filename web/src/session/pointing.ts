/** Alt and the mouse: a click shows the others a place and leaves the caret, a drag selects a block of columns. */
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, type MouseSelectionStyle, rectangularSelection } from "@codemirror/view";

/** A hand is not quite still while it clicks. */
const STILL_PX = 4;

type Style = (view: EditorView, event: MouseEvent) => MouseSelectionStyle | null;

function isStill(from: MouseEvent, now: MouseEvent): boolean {
  return Math.hypot(now.clientX - from.clientX, now.clientY - from.clientY) < STILL_PX;
}

/** The block that CodeMirror selects, but for a click. */
const blockByDragging: Style = (view, start) => {
  const others = view.state
    .facet(EditorView.mouseSelectionStyle)
    .filter((style) => style !== blockByDragging);
  const block = others.map((style) => style(view, start)).find((style) => style !== null);
  if (!start.altKey || !block) return null;
  let { selection } = view.state;
  let moved = false;
  return {
    get: (event, extend, multiple) => {
      moved ||= !isStill(start, event);
      return moved ? block.get(event, extend, multiple) : selection;
    },
    update: (update) => {
      selection = selection.map(update.changes);
      return block.update(update);
    },
  };
};

/** Return the extension; `onPoint` is told of the word at the click, or else of its line. */
export function pointing(onPoint: (from: number, to: number) => void): Extension {
  let start: MouseEvent | null = null;
  return [
    EditorState.allowMultipleSelections.of(true),
    EditorView.mouseSelectionStyle.of(blockByDragging),
    rectangularSelection(),
    EditorView.domEventHandlers({
      mousedown: (event) => {
        start = event.altKey ? event : null;
        return false;
      },
      mouseup: (event, view) => {
        if (start === null || event.button !== 0 || !isStill(start, event)) return false;
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (at === null) return false;
        const { from, to } = view.state.wordAt(at) ?? view.state.doc.lineAt(at);
        onPoint(from, to);
        view.dispatch({});
        return false;
      },
    }),
  ];
}
