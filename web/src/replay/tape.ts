/** A recorded session that can be wound to any instant: the code is a weave, the rest is looked up. */
import * as Y from "yjs";
import type { OutputChunk, Person, PrivateEntry, RunSummary, TimelineEntry } from "../api";
import type { Tick } from "./thread";
import { pathOfRoot, upTo, Weave } from "./weave";

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

/** A place in a text: beside a character, or at an end of a file. */
type Place = { tick: Tick; after: boolean } | { path: string; end: boolean };

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

export class Tape {
  readonly #weave = new Weave();
  #position = 0;
  /** Where each person's caret went, in order. */
  readonly #trails = new Map<string, Step[]>();
  readonly #runs: Run[] = [];
  readonly #runOf = new Map<string, Run>();
  readonly #sizes: number[] = [];

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
    this.#position = target;
    const { language, paths } = this.#weave.listingAt(target);
    return {
      seq: target,
      at: this.timeOf(target),
      language: language ?? this.recording.language,
      paths,
      run: this.#runAt(target),
    };
  }

  text(path: string): string {
    return this.#weave.text(path, this.#position);
  }

  /** The text of a file at another instant. */
  textAt(path: string, seq: number): string {
    return this.#weave.text(path, seq);
  }

  /** Who wrote what of a file, as it is now: stretches in order, null for the server. */
  blame(path: string): { from: number; to: number; author: string | null }[] {
    return this.#weave.blame(path, this.#position);
  }

  /** Where everybody's caret is: where they went last, or where they typed. */
  carets(): Caret[] {
    const found: Caret[] = [];
    const { paths } = this.#weave.listingAt(this.#position);
    for (const [participantId, trail] of this.#trails) {
      const step = trail[upTo(trail, this.#position)];
      if (step === undefined) continue;
      const path = this.#pathOf(step.head);
      if (path === null || !paths.includes(path) || this.#pathOf(step.anchor) !== path) continue;
      const [anchor, head] = [this.#offset(path, step.anchor), this.#offset(path, step.head)];
      if (anchor !== null && head !== null) found.push({ participantId, path, anchor, head });
    }
    return found;
  }

  #pathOf(place: Place): string | null {
    return "path" in place ? place.path : this.#weave.pathOf(place.tick);
  }

  #offset(path: string, place: Place): number | null {
    if ("tick" in place) return this.#weave.offset(path, place.tick, place.after, this.#position);
    return place.end ? this.text(path).length : 0;
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
      } else if (entry.kind === "run.output" || entry.kind === "run.ended")
        this.#runOf.get(String(entry.data.run_id))?.entries.push(entry);
      this.#sizes.push(this.#weave.characters);
    }
  }

  #step({ seq, participant_id: who }: TimelineEntry, anchor: Place | null, head: Place | null): void {
    if (who === null || anchor === null || head === null) return;
    const trail = this.#trails.get(who) ?? [];
    trail.push({ seq, anchor, head });
    this.#trails.set(who, trail);
  }

  /** The run that the terminal showed. */
  #runAt(seq: number): RunSummary | null {
    const found = this.#runs[upTo(this.#runs, seq)];
    if (found === undefined) return null;
    const output: OutputChunk[] = [];
    let run = begun(found.start.data, found.start.participant_id, found.start.at);
    for (const { seq: at, kind, data } of found.entries.slice(0, upTo(found.entries, seq) + 1))
      if (kind === "run.output") {
        output.push({ seq: at, stream: data.stream, text: data.text } as OutputChunk);
        run = { ...run, status: "running" };
      } else run = { ...run, ...(data as Partial<RunSummary>) };
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

/** Where a recorded caret was; null when it cannot be read: a page sent it, it may be anything. */
function placeOf(json: unknown): Place | null {
  try {
    const { item, tname, assoc } = Y.createRelativePositionFromJSON(JSON.parse(String(json)));
    const after = assoc < 0;
    if (item !== null) return { tick: { client: item.client, clock: item.clock }, after };
    const path = tname === null ? null : pathOfRoot(tname);
    return path === null ? null : { path, end: !after };
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
