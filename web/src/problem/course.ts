/** Which question a recorded session was about when; the server has the same in `problems/course.py`. */
import type { TimelineEntry } from "../api";

export interface Posing {
  seq: number;
  folder: string;
  data: TimelineEntry["data"];
}

type About = Posing | null;

export class Course {
  readonly posings: Posing[] = [];
  readonly #turns: { seq: number; about: About }[] = [];

  constructor(entries: readonly TimelineEntry[]) {
    const left = new Map<number, About>([[0, null]]);
    let line = 0;
    for (const { seq, kind, data } of entries)
      if (kind === "problem") {
        const posing = { seq, folder: String(data.folder ?? ""), data };
        this.posings.push(posing);
        this.#turns.push({ seq, about: posing });
      } else if (kind === "branch") {
        left.set(line, this.at(seq));
        // What was imported may be anything.
        const back = left.get(Number(data.resumes ?? NaN));
        line = back === undefined ? seq : Number(data.resumes);
        this.#turns.push({ seq, about: back === undefined ? this.at(Number(data.from)) : back });
      }
  }

  /** What it was about once an entry was there. */
  at(seq: number): About {
    return this.#turns.findLast((turn) => turn.seq <= seq)?.about ?? null;
  }

  /** Which question an entry `tests` of the interviewers' log is of; null: of none. */
  ofTests(data: Record<string, unknown>): About {
    const { problem, anchor, judge } = data;
    if (typeof problem === "number") return this.posings.find(({ seq }) => seq === problem) ?? null;
    // Of an earlier version, which kept a question's own under the entry before it.
    return this.at(Number(anchor) + (judge ? 1 : 0));
  }
}
