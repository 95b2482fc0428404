import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import { YSyncConfig, ySyncAnnotation } from "y-codemirror.next";
import * as Y from "yjs";
import { writable } from "./writing";

const shared = new YSyncConfig(new Y.Doc().getText(), null);
const changes = { from: 0, insert: "x" };

function after(yes: boolean, fromShared: boolean): string {
  const state = EditorState.create({ doc: "a", extensions: writable(yes) });
  const annotations = fromShared ? [ySyncAnnotation.of(shared)] : [];
  return state.update({ changes, annotations, userEvent: "input" }).state.doc.toString();
}

it("takes changes from the shared text alone while this person may not write", () => {
  expect(after(true, false)).toBe("xa");
  expect(after(false, false)).toBe("a");
  expect(after(false, true)).toBe("xa");
});
