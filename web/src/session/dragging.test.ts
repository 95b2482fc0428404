import { EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import { draggedAsItIs } from "./dragging";

function dropped(doc: string, from: number, to: number, at: number, picked: string) {
  const state = EditorState.create({ doc, extensions: [draggedAsItIs] });
  const changes = [
    { from, to },
    { from: at, insert: picked },
  ];
  const { state: after } = state.update({ changes, userEvent: "move.drop" });
  const { from: start, to: end } = after.selection.main;
  return [after.doc.toString(), after.sliceDoc(start, end)];
}

it("moves what it was when nobody wrote into it", () => {
  expect(dropped("one two three", 0, 4, 13, "one ")[0]).toBe("two threeone ");
});

it("takes along what somebody else wrote into it (ckeditor/ckeditor5#14737)", () => {
  expect(dropped("one! two three", 0, 5, 14, "one ")).toEqual(["two threeone! ", "one! "]);
  expect(dropped("one two thr!ee", 8, 14, 0, "three")).toEqual(["thr!eeone two ", "thr!ee"]);
});

it("leaves other changes alone", () => {
  const state = EditorState.create({ doc: "abc", extensions: [draggedAsItIs] });
  const { state: after } = state.update({
    changes: { from: 0, to: 1, insert: "x" },
    userEvent: "input",
  });
  expect(after.doc.toString()).toBe("xbc");
});
