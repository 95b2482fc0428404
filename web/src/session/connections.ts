/** How everybody's connection is: what each page reports of itself, and who is gone. Only interviewers are told. */
import type { Person } from "../api";
import { Observable } from "../observable";

/** A page reports every five seconds; after this long without a word something is wrong. */
export const SILENT_MS = 9000;
const REMEMBERED = 10;

export interface Connection {
  unsaved: number;
  roundTripMs: number | null;
  /** When the page last said so, by this browser's clock. */
  at: number;
}

export interface Gone {
  person: Person;
  since: number;
}

export class Connections {
  readonly of = new Observable<ReadonlyMap<string, Connection>>(new Map());
  /** Who was here and is not connected now, the last to leave first. */
  readonly gone = new Observable<readonly Gone[]>([]);
  #present: readonly Person[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  reported(participantId: string, unsaved: number, roundTripMs: number | null): void {
    const at = this.now();
    this.of.set(new Map(this.of.get()).set(participantId, { unsaved, roundTripMs, at }));
  }

  /** This browser itself is not connected: it knows nothing of the others' connections, and says nothing of them. */
  lost(): void {
    this.of.set(new Map());
  }

  /** These people are connected now, and nobody else. */
  present(people: readonly Person[]): void {
    const here = new Set(people.map((person) => person.participant_id));
    const left = this.#present
      .filter((person) => !here.has(person.participant_id))
      .map((person) => ({ person, since: this.now() }));
    this.#present = people;
    const still = this.gone.get().filter(({ person }) => !here.has(person.participant_id));
    this.gone.set([...left, ...still].slice(0, REMEMBERED));
    this.of.set(new Map([...this.of.get()].filter(([id]) => here.has(id))));
  }
}
