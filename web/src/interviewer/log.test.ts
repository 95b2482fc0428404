import { expect, it } from "vitest";
import type { PrivateEntry } from "../api";
import { linesOf } from "./log";

const entry = (seq: number, kind: PrivateEntry["kind"], data: object): PrivateEntry => ({
  seq,
  at: "2026-11-24T09:30:00Z",
  kind,
  participant_id: "ana",
  data: { name: "Ana", anchor: 7, ...data },
});

it("shows the newest text, and nothing that was taken back, in whatever order entries come", () => {
  const entries = [
    entry(4, "note.removed", { of: 2 }),
    entry(1, "note", { text: "frist" }),
    entry(3, "note.changed", { of: 1, text: "first" }),
    entry(2, "chat", { text: "oops" }),
    entry(5, "note.changed", { of: 2, text: "too late" }),
    entry(1, "note", { text: "frist" }),
    entry(6, "tests", { tests: [] }),
    entry(7, "test.result", { of: 6, results: [] }),
  ];
  expect(
    linesOf(entries).map(({ seq, kind, text, anchor }) => ({ seq, kind, text, anchor })),
  ).toEqual([{ seq: 1, kind: "note", text: "first", anchor: 7 }]);
});
