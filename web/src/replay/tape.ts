/** A recorded session that can be wound to any instant: the code is a weave, the rest is looked up. */
import * as Y from "yjs";
import type { OutputChunk, RunSummary, TimelineEntry } from "../api";
import { sizeAt } from "../session/runs";
import { endOf } from "./lanes";
import type { Tick } from "./text-history";
import type { Recording } from "./recording";
import { upTo, Weave } from "./weave";

/** What there was at an instant. */
export interface Scene {
  seq: number;
  at: number;
  language: string;
  paths: readonly string[];
  run: RunSummary | null;
  /** The entries where the run that the terminal shows began and ended, and the one whose code it ran. */
  ran: { from: number; to: number; code: number } | null;
}

export interface Caret {
  participantId: string;
  path: string;
  anchor: number;
  head: number;
}

/** A place in a text: beside a character, or at an end of it. */
type Place = { tick: Tick; after: boolean } | { name: string; end: boolean };

interface Step {
  seq: number;
  anchor: Place;
  head: Place;
}

interface Run {
  seq: number;
  start: TimelineEntry;
  /** What followed of it, in order. */
  entries: TimelineEntry[];
}

const OF_A_RUN = new Set(["run.output", "run.resized", "run.ended"]);

export class Tape {
  readonly #weave = new Weave();
  #position = 0;
  /** Where each person's caret went, in order. */
  readonly #trails = new Map<string, Step[]>();
  readonly #runs: Run[] = [];
  readonly #runOf = new Map<string, Run>();
  readonly #sizes: number[] = [];

  constructor(public recording: Recording) {
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

  get begin(): number {
    return this.recording.createdAt;
  }

  /** When the recording ends: people may have written notes after what was recorded last. */
  get end(): number {
    return endOf(this.recording);
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
    this.#position = target;
    const { language, files } = this.#weave.listingAt(target);
    return {
      seq: target,
      at: this.timeOf(target),
      language: language ?? this.recording.language,
      paths: [...files.keys()],
      run: this.#runAt(target),
      ran: this.#ranAt(target),
    };
  }

  /** Whether the program was running, or the code is still what ran: an error belongs to that and to no other. */
  isOfRun(scene: Scene): boolean {
    if (scene.ran === null || scene.seq <= scene.ran.to) return true;
    const then = scene.ran.code;
    const [was, is] = [this.#weave.listingAt(then).files, this.#weave.listingAt(scene.seq).files];
    return (
      [...was.keys()].sort().join("\n") === [...is.keys()].sort().join("\n") &&
      [...was].every(([path, name]) => {
        const now = is.get(path) ?? name;
        return this.#weave.text(name, then) === this.#weave.text(now, scene.seq);
      })
    );
  }

  text(path: string): string {
    return this.textAt(path, this.#position);
  }

  /** What the text that is under a path now said at another instant, whatever it was called then. */
  textAt(path: string, seq: number): string {
    const name = this.nameOf(path);
    return name === null ? "" : this.#weave.text(name, seq);
  }

  /** Who wrote what of a file, as it is now: stretches in order, null for the server. */
  blame(path: string): { from: number; to: number; author: string | null }[] {
    const name = this.nameOf(path);
    return name === null ? [] : this.#weave.blame(name, this.#position);
  }

  /** The text that is under a path now: a rename does not change it. */
  nameOf(path: string): string | null {
    return this.#weave.listingAt(this.#position).files.get(path) ?? null;
  }

  /** What a text is called now; null when no file has it. */
  pathOf(name: string): string | null {
    for (const [path, each] of this.#weave.listingAt(this.#position).files)
      if (each === name) return path;
    return null;
  }

  /** Where everybody's caret is: where they went last, or where they typed. */
  carets(): Caret[] {
    const found: Caret[] = [];
    for (const [participantId, trail] of this.#trails) {
      const step = trail[upTo(trail, this.#position)];
      const name = step && this.#nameOf(step.head);
      const path = name ? this.pathOf(name) : null;
      if (!step || !name || path === null || this.#nameOf(step.anchor) !== name) continue;
      const [anchor, head] = [this.#offset(name, step.anchor), this.#offset(name, step.head)];
      if (anchor !== null && head !== null) found.push({ participantId, path, anchor, head });
    }
    return found;
  }

  #nameOf(place: Place): string | null {
    return "name" in place ? place.name : this.#weave.nameOf(place.tick);
  }

  #offset(name: string, place: Place): number | null {
    if ("tick" in place) return this.#weave.offset(name, place.tick, place.after, this.#position);
    return place.end ? this.#weave.text(name, this.#position).length : 0;
  }

  #index(): void {
    const { entries } = this.recording;
    while (this.#sizes.length < entries.length) {
      const entry = entries[this.#sizes.length] as TimelineEntry;
      if (entry.kind === "edit") {
        const tick = this.#weave.add(entry.seq, entry.participant_id, updateOf(entry));
        const place = tick && { tick, after: true };
        this.#step(entry, place, place);
      } else if (entry.kind === "cursor") {
        this.#step(entry, placeOf(entry.data.anchor), placeOf(entry.data.head));
      } else if (entry.kind === "run.started") {
        const run = { seq: entry.seq, start: entry, entries: [] };
        this.#runs.push(run);
        this.#runOf.set(String(entry.data.run_id), run);
      } else if (OF_A_RUN.has(entry.kind))
        this.#runOf.get(String(entry.data.run_id))?.entries.push(entry);
      this.#sizes.push(this.#weave.characters);
    }
  }

  #step(
    { seq, participant_id: who }: TimelineEntry,
    anchor: Place | null,
    head: Place | null,
  ): void {
    if (who === null || anchor === null || head === null) return;
    const trail = this.#trails.get(who) ?? [];
    trail.push({ seq, anchor, head });
    this.#trails.set(who, trail);
  }

  #ranAt(seq: number): Scene["ran"] {
    const found = this.#runs[upTo(this.#runs, seq)];
    if (found === undefined) return null;
    const code = Number(found.start.data.at);
    const to = found.entries.find(({ kind }) => kind === "run.ended")?.seq ?? Infinity;
    return { from: found.seq, to, code: Number.isFinite(code) ? code : found.seq };
  }

  /** The run that the terminal showed. */
  #runAt(seq: number): RunSummary | null {
    const found = this.#runs[upTo(this.#runs, seq)];
    if (found === undefined) return null;
    const output: OutputChunk[] = [];
    const sizes = [sizeAt(found.start.seq, found.start.data.terminal)];
    let run = begun(found.start);
    for (const { seq: at, kind, data } of found.entries.slice(0, upTo(found.entries, seq) + 1))
      if (kind === "run.output") {
        output.push({ seq: at, stream: data.stream, text: data.text } as OutputChunk);
        run = { ...run, status: "running" };
      } else if (kind === "run.resized") sizes.push(sizeAt(at, data));
      else run = { ...run, ...(data as Partial<RunSummary>) };
    return { ...run, output, sizes: sizes.filter((size) => size !== null) };
  }
}

function begun({ at, data, participant_id }: TimelineEntry): RunSummary {
  return {
    run_id: String(data.run_id),
    status: "queued",
    language: data.language as RunSummary["language"],
    path: String(data.path),
    participant_id,
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
    sizes: [],
  };
}

/** Where a recorded caret was; null when it cannot be read: a page sent it, it may be anything. */
function placeOf(json: unknown): Place | null {
  try {
    const { item, tname, assoc } = Y.createRelativePositionFromJSON(JSON.parse(String(json)));
    const after = assoc < 0;
    if (item !== null) return { tick: { client: item.client, clock: item.clock }, after };
    return tname === null ? null : { name: tname, end: !after };
  } catch {
    return null;
  }
}

function updateOf(entry: TimelineEntry): Uint8Array {
  const binary = atob(String(entry.data.update));
  const update = new Uint8Array(binary.length); // `Uint8Array.from` takes four times as long
  for (let at = 0; at < binary.length; at++) update[at] = binary.charCodeAt(at);
  return update;
}
