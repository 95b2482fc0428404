/** How the files were that this browser could not send, read from what its windows have left behind. */
import * as Y from "yjs";
import type { Client } from "../collab/client";
import { isTorn, LeftBehind } from "../collab/left-behind";
import { textNames } from "../collab/listing";
import { t } from "../words";
import { whyClosed } from "./closing";

export interface ShownFile {
  path: string;
  text: string;
}

/** One thing that waits: a sentence that says why, and what it is. */
export interface Withheld {
  why: string;
  files: readonly ShownFile[];
  left: LeftBehind;
}

/** Who wants to send, and what is in the way; null: nothing is. */
export interface Standing {
  person: string | null;
  obstacle: string | null;
}

/** How the files were here, where they are not so in `now`; the bare words where what they build on is not here. */
export async function filesOf(
  left: LeftBehind,
  over: Y.Doc | null,
  now: (path: string) => Promise<string | null> | string | null,
): Promise<ShownFile[]> {
  const doc = left.document(over);
  const files: ShownFile[] = [];
  for (const [path, name] of textNames(doc.getMap("files"))) {
    const text = doc.getText(name).toString();
    if (text !== (await now(path))) files.push({ path, text });
  }
  if (isTorn(doc)) files.push({ path: t.withheld.pieces, text: left.typed() });
  doc.destroy();
  return files;
}

/** Return what this browser could not send to a room, with the reasons. */
export async function withheldIn(
  room: string,
  client: Client,
  { person, obstacle }: Standing,
): Promise<Withheld[]> {
  const all = await LeftBehind.in(room);
  if (all.isEmpty) return [];
  const { mine, others, refused } = all.sorted(room, person);
  const found: Withheld[] = [];
  const add = async (left: LeftBehind, why: string, alone = false) => {
    if (left.isEmpty) return;
    // The document of a client that is over has what nobody else has: it is no measure.
    const doc = client.isOver ? null : client.doc;
    if (doc && !left.bringsNewsTo(doc)) {
      await left.forget(); // it did arrive
      return;
    }
    const now = (path: string) => (doc ? textIn(doc, path) : null);
    found.push({ why, left, files: await filesOf(left, alone ? null : doc, now) });
  };
  if (obstacle !== null) await add(mine, obstacle);
  for (const { how, left } of refused)
    await add(left, `${whyClosed(how.code, how.reason)} ${t.withheld.copyIt}`, true);
  await add(others, t.withheld.elsewhere);
  return found;
}

function textIn(doc: Y.Doc, path: string): string | null {
  const name = textNames(doc.getMap("files")).get(path);
  return name === undefined ? null : doc.getText(name).toString();
}
