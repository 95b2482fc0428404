/**
 * A recorded session that can be wound to any instant.
 *
 * The log is the truth: the document at an instant is every update up to it, applied. Going forward applies what comes
 * next; going back, or far ahead, begins at the last checkpoint before, which is what the document came to there.
 */
import * as Y from "yjs";
import type { OutputChunk, Person, PrivateEntry, RunSummary, TimelineEntry } from "../api";
import { Characters } from "./characters";

const CHECKPOINT_EVERY = 400; // entries, or more:
const CHECKPOINTS = 150; // of a long log there are about so many, each as large as the document

export interface Recording {
  sessionId: string;
  title: string;
  language: string;
  createdAt: number;
  people: readonly Person[];
  entries: readonly TimelineEntry[];
  notes: readonly PrivateEntry[];
}

/** What there was at an instant. */
export interface Scene {
  seq: number;
  at: number;
  language: string;
  paths: readonly string[];
  run: RunSummary | null;
}

export interface Caret {
  participantId: string;
  path: string;
  anchor: number;
  head: number;
}

interface Step {
  seq: number;
  anchor: Y.RelativePosition;
  head: Y.RelativePosition;
}

export class Tape {
  #doc = new Y.Doc();
  #position = 0;
  readonly #checkpoints: { seq: number; state: Uint8Array }[] = [];
  readonly #authors = new Map<number, string | null>();
  /** Where each person's caret went, in order. */
  readonly #trails = new Map<string, Step[]>();
  /** Where runs begin, so that winding does not look for them. */
  readonly #runs: number[] = [];
  readonly #characters = new Characters();
  readonly #sizes: number[] = [];
  #indexed = 0;

  constructor(private recording: Recording) {
    this.#index();
  }

  /** More of the same session, while it goes on. */
  extend(recording: Recording): void {
    this.recording = recording;
    this.#index();
  }

  get length(): number {
    return this.recording.entries.length;
  }

  /** How many characters of code there were after an entry, all files together. */
  sizeAt(seq: number): number {
    return this.#sizes[Math.min(seq, this.#sizes.length) - 1] ?? 0;
  }

  timeOf(seq: number): number {
    const entry = this.recording.entries[Math.min(Math.max(seq, 1), this.length) - 1];
    return entry ? Date.parse(entry.at) : this.recording.createdAt;
  }

  /** The last entry that had happened at a time. */
  seqAt(time: number): number {
    const { entries } = this.recording;
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Date.parse((entries[middle] as TimelineEntry).at) <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(low, Math.min(1, entries.length));
  }

  /** Wind to an instant. */
  seek(seq: number): Scene {
    const target = Math.min(Math.max(seq, 0), this.length);
    const spacing = Math.max(CHECKPOINT_EVERY, Math.ceil(this.length / CHECKPOINTS));
    const nearest = this.#checkpoints.findLast((each) => each.seq <= target)?.seq ?? 0;
    if (target < this.#position || nearest > this.#position + spacing) this.#jump(target);
    while (this.#position < target) {
      const next = (this.#checkpoints.at(-1)?.seq ?? 0) + spacing;
      this.#play(Math.min(target, next));
      if (this.#position === next)
        this.#checkpoints.push({ seq: next, state: Y.encodeStateAsUpdate(this.#doc) });
    }
    const files = this.#doc.getMap("files");
    return {
      seq: target,
      at: this.timeOf(target),
      language: String(this.#doc.getMap("settings").get("language") ?? this.recording.language),
      paths: [...files.keys()].sort(),
      run: this.#runAt(target),
    };
  }

  text(path: string): string {
    return this.#doc.getText(`file:${path}`).toString();
  }

  /** The text of a file at another instant; the tape stays where it is. */
  textAt(path: string, seq: number): string {
    const here = this.#position;
    this.seek(seq);
    const text = this.text(path);
    this.seek(here);
    return text;
  }

  /** Where everybody's caret is: where they went last, or where they typed. */
  carets(): Caret[] {
    const found: Caret[] = [];
    for (const [who, trail] of this.#trails) {
      const step = trail.findLast(({ seq }) => seq <= this.#position);
      if (step === undefined) continue;
      const place = this.#resolve(step);
      if (place !== null) found.push({ participantId: who, ...place });
    }
    return found;
  }

  #resolve({ anchor, head }: Step): { path: string; anchor: number; head: number } | null {
    // A root type is a text only once it was asked for as one.
    const texts = [...this.#doc.getMap("files").keys()].map((path) => ({
      path,
      text: this.#doc.getText(`file:${path}`),
    }));
    try {
      const [from, to] = [anchor, head].map((position) =>
        Y.createAbsolutePositionFromRelativePosition(position, this.#doc),
      );
      if (!from || !to) return null;
      for (const { path, text } of texts)
        if (to.type === text && from.type === text) return { path, anchor: from.index, head: to.index };
    } catch {
      // A page sent it: it may be anything.
    }
    return null;
  }

  /** Who wrote what of a file, as it is now: stretches in order, null for the server. */
  blame(path: string): { from: number; to: number; author: string | null }[] {
    const found: { from: number; to: number; author: string | null }[] = [];
    let at = 0;
    // Yjs has no public way to walk a text's items; `_start` and `right` have been the same through version 13.
    for (let item = this.#doc.getText(`file:${path}`)._start; item !== null; item = item.right) {
      if (item.deleted || !item.countable) continue;
      const author = this.#authors.get(item.id.client) ?? null;
      const last = found.at(-1);
      if (last?.author === author && last.to === at) last.to += item.length;
      else found.push({ from: at, to: at + item.length, author });
      at += item.length;
    }
    return found;
  }

  /** Apply what follows, in one transaction: tidying up after each update takes Yjs longer than the update. */
  #play(until: number): void {
    this.#doc.transact(() => {
      for (; this.#position < until; this.#position++) {
        const entry = this.recording.entries[this.#position] as TimelineEntry;
        if (entry.kind === "edit") Y.applyUpdate(this.#doc, updateOf(entry));
      }
    });
  }

  /** Go on from the last checkpoint before an instant. */
  #jump(target: number): void {
    const checkpoint = this.#checkpoints.findLast(({ seq }) => seq <= target);
    this.#doc.destroy();
    this.#doc = new Y.Doc();
    if (checkpoint) Y.applyUpdate(this.#doc, checkpoint.state);
    this.#position = checkpoint?.seq ?? 0;
  }

  /** Learn where runs begin, and whose client ids they are: whoever's edit first carries one owns it. */
  #index(): void {
    const { entries } = this.recording;
    for (; this.#indexed < entries.length; this.#indexed++) {
      const entry = entries[this.#indexed] as TimelineEntry;
      if (entry.kind === "run.started") this.#runs.push(this.#indexed);
      if (entry.kind === "cursor") this.#step(entry, () => cursorOf(entry));
      if (entry.kind !== "edit") {
        this.#sizes.push(this.#characters.count);
        continue;
      }
      const update = Y.decodeUpdate(updateOf(entry));
      const { structs } = update;
      this.#characters.add(update);
      this.#sizes.push(this.#characters.count);
      for (const { id } of structs)
        if (!this.#authors.has(id.client)) this.#authors.set(id.client, entry.participant_id);
      const last = structs.at(-1);
      if (last) this.#step(entry, () => afterItem(last.id.client, last.id.clock + last.length - 1));
    }
  }

  #step(entry: TimelineEntry, positions: () => Omit<Step, "seq"> | null): void {
    const who = entry.participant_id;
    const found = who === null ? null : positions();
    if (who === null || found === null) return;
    const trail = this.#trails.get(who) ?? [];
    trail.push({ seq: entry.seq, ...found });
    this.#trails.set(who, trail);
  }

  /** The run that the terminal showed. */
  #runAt(seq: number): RunSummary | null {
    const { entries } = this.recording;
    const begin = this.#runs.findLast((index) => index < seq);
    if (begin === undefined) return null;
    const start = entries[begin] as TimelineEntry;
    const output: OutputChunk[] = [];
    let run = begun(start.data, start.participant_id, start.at);
    for (let index = begin + 1; index < seq; index++) {
      const { seq: at, kind, data } = entries[index] as TimelineEntry;
      if (data.run_id !== run.run_id) continue;
      if (kind === "run.output") {
        output.push({ seq: at, stream: data.stream, text: data.text } as OutputChunk);
        run = { ...run, status: "running" };
      } else if (kind === "run.ended") run = { ...run, ...(data as Partial<RunSummary>) };
    }
    return { ...run, output };
  }
}

function begun(data: TimelineEntry["data"], participant: string | null, at: string): RunSummary {
  return {
    run_id: String(data.run_id),
    status: "queued",
    language: data.language as RunSummary["language"],
    path: String(data.path),
    participant_id: participant,
    started_at: at,
    exit_code: null,
    signal: null,
    duration_ms: null,
    memory_kb: null,
    detail: null,
    compile_ms: null,
    terminal: data.terminal !== null,
    diagnostics: [],
    queue_position: null,
    output: [],
  };
}

function cursorOf({ data }: TimelineEntry): Omit<Step, "seq"> | null {
  try {
    const [anchor, head] = [data.anchor, data.head].map((json) =>
      Y.createRelativePositionFromJSON(JSON.parse(String(json))),
    );
    return anchor && head ? { anchor, head } : null;
  } catch {
    return null;
  }
}

/** The place right after a character that somebody typed. */
function afterItem(client: number, clock: number): Omit<Step, "seq"> {
  const item = Y.createRelativePositionFromJSON({ item: { client, clock }, assoc: -1 });
  return { anchor: item, head: item };
}

const decoded = new WeakMap<TimelineEntry, Uint8Array>();

/** The bytes of an edit, decoded once. */
function updateOf(entry: TimelineEntry): Uint8Array {
  let update = decoded.get(entry);
  if (update === undefined) {
    const binary = atob(String(entry.data.update));
    update = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    decoded.set(entry, update);
  }
  return update;
}
