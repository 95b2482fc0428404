/** The caret stays in view when the editor gets lower: a phone's keyboard comes, or a suggestion below the code. */
import { EditorView, ViewPlugin } from "@codemirror/view";

function isWithin(view: EditorView, height: number): boolean {
  const caret = view.coordsAtPos(view.state.selection.main.head);
  const { top } = view.scrollDOM.getBoundingClientRect();
  return caret !== null && caret.top >= top && caret.bottom <= top + height;
}

export const caretInView = ViewPlugin.define((view) => {
  let before = view.scrollDOM.clientHeight;
  const observer = new ResizeObserver(() => {
    const now = view.scrollDOM.clientHeight;
    const hidden = now < before && isWithin(view, before) && !isWithin(view, now);
    before = now;
    if (hidden)
      view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head) });
  });
  observer.observe(view.scrollDOM);
  return { destroy: () => observer.disconnect() };
});
