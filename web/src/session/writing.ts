/** Whether this person may write in an editor. */
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { ySyncAnnotation } from "y-codemirror.next";

const writing = new Compartment();

/** Whatever command, menu or drop would change the text: only what comes from the shared text does. */
const othersOnly = EditorState.changeFilter.of(
  (transaction) => transaction.annotation(ySyncAnnotation) !== undefined,
);

function rights(yes: boolean): Extension {
  return yes ? [] : [EditorState.readOnly.of(true), EditorView.editable.of(false), othersOnly];
}

export function writable(yes: boolean): Extension {
  return writing.of(rights(yes));
}

/** Let somebody write, or only read, from now on: scroll, selection and history stay. */
export function setReadOnly(view: EditorView, readOnly: boolean): void {
  view.dispatch({ effects: writing.reconfigure(rights(!readOnly)) });
}
