/** What people are called whom a page hears of, here or not. Who left before it came is looked up once spoken of. */
import { Observable } from "../observable";

interface Named {
  participant_id: string;
  name: string;
}

export class Names {
  readonly known = new Observable<ReadonlyMap<string, string>>(new Map());
  #isSeeking = false;

  /** `seek` tells everybody who ever joined. */
  constructor(private readonly seek: () => Promise<readonly Named[]>) {}

  /** These are here. */
  meet(people: readonly Named[]): void {
    const known = this.known.get();
    if (people.every((each) => known.get(each.participant_id) === each.name)) return;
    this.known.set(
      new Map([...known, ...people.map((each) => [each.participant_id, each.name] as const)]),
    );
  }

  /** Somebody's name; undefined while it is looked up, and for who never joined. */
  of(participantId: string): string | undefined {
    const name = this.known.get().get(participantId);
    if (name === undefined) void this.#seekAll();
    return name;
  }

  /** Once: who joins from now on is met. What failed is tried again when somebody is spoken of next. */
  async #seekAll(): Promise<void> {
    if (this.#isSeeking) return;
    this.#isSeeking = true;
    try {
      this.meet(await this.seek());
    } catch {
      this.#isSeeking = false;
    }
  }
}
