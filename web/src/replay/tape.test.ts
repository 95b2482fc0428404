import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { TimelineEntry } from "../api";
import type { Recording } from "./recording";
import { Tape } from "./tape";

/** Two people who type, delete and run, and what the text was after each entry. */
function recorded(edits: number): { recording: Recording; texts: string[] } {
  const docs = [new Y.Doc(), new Y.Doc()];
  const entries: TimelineEntry[] = [];
  const texts: string[] = [];
  let random = 7;
  const next = (below: number) => (random = (random * 1103515245 + 12345) % 2 ** 31) % below;
  const add = (kind: string, participant: string | null, data: TimelineEntry["data"]) => {
    const at = new Date(1_700_000_000_000 + entries.length * 100).toISOString();
    entries.push({ seq: entries.length + 1, at, kind, participant_id: participant, data });
    texts.push((docs[0] as Y.Doc).getText("file:main.py").toString());
  };
  docs.forEach((doc, who) =>
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === "peer") return;
      Y.applyUpdate(docs[1 - who] as Y.Doc, update, "peer");
      add("edit", `person ${who}`, { update: btoa(String.fromCharCode(...update)) });
    }),
  );
  (docs[0] as Y.Doc).getMap("files").set("main.py", { language: "python" });
  for (let edit = 0; edit < edits; edit++) {
    const text = (docs[edit % 2] as Y.Doc).getText("file:main.py");
    if (text.length > 5 && next(3) === 0) text.delete(next(text.length - 1), 1);
    else text.insert(next(text.length + 1), String.fromCharCode(97 + next(26)));
    if (edit % 50 === 0) add("join", "person 1", {});
  }
  return {
    recording: {
      sessionId: "s",
      title: "t",
      language: "python",
      createdAt: 1_700_000_000_000,
      startedAt: null,
      people: [],
      entries,
      notes: [],
    },
    texts,
  };
}

describe("Tape", () => {
  const { recording, texts } = recorded(1500);

  it("is what the log says at every instant, forward and back and from anywhere", () => {
    const tape = new Tape(recording);
    texts.forEach((text, index) => {
      tape.seek(index + 1);
      expect(tape.text("main.py")).toBe(text);
    });
    for (let step = 0; step < 300; step++) {
      const seq = 1 + ((step * 7919) % texts.length);
      tape.seek(seq);
      expect(tape.text("main.py")).toBe(texts[seq - 1]);
    }
    expect(tape.seek(0).paths).toEqual([]);
    expect(tape.seek(10 ** 9).seq).toBe(texts.length);
  });

  it("tells a file at another instant without moving", () => {
    const tape = new Tape(recording);
    tape.seek(1000);
    expect(tape.textAt("main.py", 200)).toBe(texts[199]);
    expect(tape.text("main.py")).toBe(texts[999]);
  });

  it("knows how much code there was at every instant", () => {
    const tape = new Tape(recording);
    texts.forEach((text, index) => expect(tape.sizeAt(index + 1)).toBe(text.length));
    expect(tape.sizeAt(0)).toBe(0);
    expect(tape.sizeAt(10 ** 9)).toBe(texts.at(-1)?.length);
  });

  it("finds the instant of a time", () => {
    const tape = new Tape(recording);
    expect(tape.seqAt(tape.timeOf(500))).toBe(500);
    expect(tape.seqAt(tape.timeOf(500) + 50)).toBe(500);
    expect(tape.seqAt(0)).toBe(1);
    expect(tape.seqAt(Number.MAX_SAFE_INTEGER)).toBe(texts.length);
  });

  it("knows who wrote every character", () => {
    const tape = new Tape(recording);
    tape.seek(texts.length);
    const stretches = tape.blame("main.py");
    expect(stretches.at(-1)?.to).toBe(tape.text("main.py").length);
    expect(new Set(stretches.map(({ author }) => author))).toEqual(
      new Set(["person 0", "person 1"]),
    );
    stretches.forEach((stretch, index) => expect(stretch.from).toBe(stretches[index - 1]?.to ?? 0));
  });

  it("knows where carets are: after what was typed, or where they went, and survives nonsense", () => {
    const doc = new Y.Doc();
    const entries: TimelineEntry[] = [];
    const add = (kind: string, data: TimelineEntry["data"]) => {
      const at = new Date(1_700_000_000_000).toISOString();
      entries.push({ seq: entries.length + 1, at, kind, participant_id: "zoe", data });
    };
    doc.on("update", (update: Uint8Array) =>
      add("edit", { update: btoa(String.fromCharCode(...update)) }),
    );
    doc.getMap("files").set("main.py", { language: "python" });
    const text = doc.getText("file:main.py");
    text.insert(0, "hello");
    text.insert(2, "XY");
    const place = JSON.stringify(Y.createRelativePositionFromTypeIndex(text, 6));
    add("cursor", { path: "main.py", anchor: place, head: place });
    add("cursor", { path: "main.py", anchor: "{", head: "null" });
    const tape = new Tape({ ...recording, entries });
    const caretAt = (seq: number) => {
      tape.seek(seq);
      return tape.carets().map(({ participantId, path, head }) => [participantId, path, head]);
    };
    expect(caretAt(1)).toEqual([]);
    expect(caretAt(2)).toEqual([["zoe", "main.py", 5]]);
    expect(caretAt(3)).toEqual([["zoe", "main.py", 4]]);
    expect(caretAt(4)).toEqual([["zoe", "main.py", 6]]);
    expect(caretAt(5)).toEqual([["zoe", "main.py", 6]]);
    expect(caretAt(2)).toEqual([["zoe", "main.py", 5]]);
  });

  it("goes on with a text, and the carets in it, under the name that it is given", () => {
    const doc = new Y.Doc();
    const entries: TimelineEntry[] = [];
    doc.on("update", (update: Uint8Array) => {
      const data = { update: btoa(String.fromCharCode(...update)) } as TimelineEntry["data"];
      entries.push({
        seq: entries.length + 1,
        at: recording.entries[0]?.at ?? "",
        kind: "edit",
        participant_id: "zoe",
        data,
      });
    });
    const [files, text] = [doc.getMap("files"), doc.getText("file:helper.py")];
    files.set("helper.py", { language: "python" });
    text.insert(0, "one");
    doc.transact(() => {
      files.delete("helper.py");
      files.set("tools.py", { language: "python", text: "file:helper.py" });
    });
    text.insert(3, " two");
    const tape = new Tape({ ...recording, entries });
    expect(tape.seek(2).paths).toEqual(["helper.py"]);
    const name = tape.nameOf("helper.py") as string;
    expect(tape.text("helper.py")).toBe("one");
    expect(tape.seek(4).paths).toEqual(["tools.py"]);
    expect(tape.pathOf(name)).toBe("tools.py");
    expect(tape.text("tools.py")).toBe("one two");
    expect(tape.textAt("tools.py", 2)).toBe("one"); // what it was when it was called something else
    expect(tape.carets()).toEqual([{ participantId: "zoe", path: "tools.py", anchor: 7, head: 7 }]);
    expect(tape.text("helper.py")).toBe("");
  });

  it("shows the run that the terminal showed", () => {
    const entry = (seq: number, kind: string, data: object): TimelineEntry => ({
      seq,
      at: "2026-11-24T09:30:00Z",
      kind,
      participant_id: "p",
      data: data as TimelineEntry["data"],
    });
    const start = (seq: number, run_id: string) =>
      entry(seq, "run.started", { run_id, language: "python", path: "main.py", terminal: null });
    const entries = [
      start(1, "a"),
      entry(2, "run.output", { run_id: "a", stream: "stdout", text: "one" }),
      entry(3, "run.ended", { run_id: "a", status: "exited", exit_code: 0 }),
      start(4, "b"),
      entry(5, "run.output", { run_id: "a", stream: "stdout", text: "late" }),
    ];
    const tape = new Tape({ ...recording, entries });
    expect(tape.seek(1).run?.status).toBe("queued");
    expect(tape.seek(2).run?.output.map(({ text }) => text)).toEqual(["one"]);
    expect(tape.seek(3).run).toMatchObject({ run_id: "a", status: "exited", exit_code: 0 });
    expect(tape.seek(5).run).toMatchObject({ run_id: "b", output: [] });
  });

  it("shows a terminal at the size it had", () => {
    const kinds: [string, object][] = [
      ["run.started", { run_id: "a", terminal: { columns: 190, rows: 30 } }],
      ["run.resized", { run_id: "a", columns: 80, rows: 24 }],
      ["run.resized", { run_id: "a", columns: 1e9, rows: 24 }],
      ["run.ended", { run_id: "a", status: "exited", sizes: "of another kind" }],
      ["run.started", { run_id: "b" }],
    ];
    const entries = kinds.map(([kind, data], at) => ({
      seq: at + 1,
      at: "2026-11-24T09:30:00Z",
      kind,
      data,
    }));
    const tape = new Tape({ ...recording, entries: entries as unknown as TimelineEntry[] });
    const first = { seq: 1, columns: 190, rows: 30 };
    expect(tape.seek(1).run?.sizes).toEqual([first]);
    expect(tape.seek(4).run?.sizes).toEqual([first, { seq: 2, columns: 80, rows: 24 }]);
    expect(tape.seek(5).run?.sizes).toEqual([]); // of a log that does not say
  });
});
