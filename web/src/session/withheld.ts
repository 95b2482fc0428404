/** What this browser wrote and could not send: why, and how the files were. It is sent once its author may write. */
import type { Client } from "../collab/client";
import { Observable } from "../observable";
import { fetched } from "../parts";
import type { Standing, Withheld } from "./withheld-files";

/** Looks after it for one room: nothing is dropped but by hand. */
export class Withholding {
  readonly parts = new Observable<readonly Withheld[]>([]);
  #turn = 0;

  constructor(
    private readonly room: string,
    private readonly client: Client,
    private readonly standing: () => Standing,
  ) {}

  /** Send what may be sent, and show what may not: for whenever that may have changed. */
  async look(): Promise<void> {
    const turn = ++this.#turn;
    const may = () => this.standing().obstacle === null;
    if (!this.client.isOver) {
      if (may()) await this.client.sendLeft(may);
      await this.client.synced;
    }
    const { withheldIn } = await fetched(() => import("./withheld-files"));
    const parts = await withheldIn(this.room, this.client, this.standing());
    if (turn === this.#turn) this.parts.set(parts);
  }
}
