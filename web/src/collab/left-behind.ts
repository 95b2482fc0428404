/** What windows of this browser could not send, kept by it or in this page: to be sent, seen, copied, thrown away. */
import * as Y from "yjs";
import { Disk, type Kept, type Refusal } from "./disk";
import { left, leftIn, littleDisk } from "./remains";

/** Whether something that a document builds on is missing. */
export function isTorn(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
}

/** A part of it that the server refused in the same words. */
interface Refused {
  how: Refusal;
  left: LeftBehind;
}

/** What windows that are gone have left behind in a room, whoever it was. */
export class LeftBehind {
  private constructor(private readonly entries: readonly [IDBValidKey, Kept][]) {}

  static async in(room: string): Promise<LeftBehind> {
    const disk = new Disk();
    const scopes = IDBKeyRange.bound(`${room}/`, `${room}/\uffff`);
    const found = await leftIn(disk, scopes, (kept) => kept.scope.startsWith(`${room}/`));
    disk.close();
    return new LeftBehind(found);
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** The document as it was here, over another one if there is one; it is the caller's to destroy. */
  document(over: Y.Doc | null): Y.Doc {
    const doc = new Y.Doc();
    if (over) Y.applyUpdate(doc, Y.encodeStateAsUpdate(over));
    for (const [, { update }] of this.entries) Y.applyUpdate(doc, update);
    return doc;
  }

  /** Whether a document lacks any of it. */
  bringsNewsTo(doc: Y.Doc): boolean {
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    let news = false;
    copy.on("update", () => {
      news = true;
    });
    for (const [, { update }] of this.entries) Y.applyUpdate(copy, update);
    news ||= isTorn(copy);
    copy.destroy();
    return news;
  }

  /** What was typed, piece by piece: for who cannot have the document that it builds on. */
  typed(): string {
    const pieces = this.entries.flatMap(([, { number, update }]) =>
      number === 0 ? [] : Y.decodeUpdate(update).structs,
    );
    return pieces
      .map((each) =>
        "content" in each && each.content instanceof Y.ContentString ? each.content.str : "",
      )
      .join("");
  }

  /** Tell apart what somebody may still send, what the server refused (by its words), and what others wrote here. */
  sorted(
    room: string,
    person: string | null,
  ): { mine: LeftBehind; others: LeftBehind; refused: Refused[] } {
    const refused = new Map<string, [IDBValidKey, Kept][]>();
    const mine: [IDBValidKey, Kept][] = [];
    const others: [IDBValidKey, Kept][] = [];
    for (const entry of this.entries) {
      const { scope, refused: how } = entry[1];
      if (how) {
        const same = `${how.code} ${how.reason}`;
        refused.set(same, [...(refused.get(same) ?? []), entry]);
      } else (scope === `${room}/${person}` ? mine : others).push(entry);
    }
    return {
      mine: new LeftBehind(mine),
      others: new LeftBehind(others),
      refused: [...refused.values()].map((entries) => ({
        how: entries[0]?.[1].refused as Refusal,
        left: new LeftBehind(entries),
      })),
    };
  }

  /** Throw it away. */
  async forget(): Promise<void> {
    const keys = this.entries.map(([key]) => key);
    for (const key of keys) left.delete(String(key));
    const disk = new Disk();
    const erase = (store: IDBObjectStore) => {
      for (const key of keys) store.delete(key);
    };
    await disk.write(erase).catch(() => undefined);
    disk.close();
    (await littleDisk())?.erase(keys);
  }
}
